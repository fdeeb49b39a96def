import type {
  Flow,
  Form,
  FormPolicy,
  ImmediateKind,
  Mark,
  Operand,
  OperandKind,
  SizeRule,
} from "./form.ts";
import { FORMS } from "./forms.ts";

/** Bits of `FACTS.encoding`: what the decoder has to know of a form. */
export const ENCODING = {
  modrm: 1 << 0,
  register: 1 << 1,
  memory: 1 << 2,
  lock: 1 << 3,
  hint: 1 << 4,
  noRex: 1 << 5,
  noRexW: 1 << 6,
  fixedNop: 1 << 7,
  opcodeRegister: 1 << 8,
  /** modrm.reg, or modrm.rm and the register of the opcode, is a register of one byte. */
  byteReg: 1 << 9,
  byteRm: 1 << 10,
  vvvv: 1 << 11,
  repMeaning: 1 << 12,
  /** 66 is a part of the opcode or the operand size: with REX.W it is refused if the latter. */
  sizeByPrefix: 1 << 13,
  /** modrm.reg, or modrm.rm, names one of eight registers: its extension means nothing. */
  lowReg: 1 << 14,
  lowRm: 1 << 15,
  suffix: 1 << 16,
} as const;

/** Codes of `FACTS.immediate`, in the order of their names. */
export const IMMEDIATES: readonly ImmediateKind[] = [
  "none",
  "byte",
  "signed",
  "word",
  "full",
  "pair",
  "register",
  "near",
  "far",
];

/** Codes of `FACTS.size` above the fixed sizes. */
export const SIZE_V = 64;
export const SIZE_Y = 65;
export const SIZE_S = 66;

/** Codes of `FACTS.flow`. */
export const FLOW: Readonly<Record<Flow, number>> = {
  next: 0,
  jump: 1,
  branch: 2,
  call: 3,
  "indirect-jump": 4,
  "indirect-call": 5,
  halt: 6,
};

/** Codes of `FACTS.memory`: an operand that may be memory is dereferenced, or an address only. */
export const MEMORY = { none: 0, dereferenced: 1, address: 2 } as const;

/** Bits of `FACTS.strings`: memory that is reached through a register without being named. */
export const STRING = { rsi: 1, rdi: 2 } as const;

/** Codes of `FACTS.zeroExtends`: where the register stands that becomes an index. */
export const EXTENDS = { nothing: 0, rm: 1, reg: 2 } as const;

/** Codes of `FACTS.policy`. */
export const POLICY: Readonly<Record<FormPolicy, number>> = { both: 0, nacl: 1, zerovm: 2 };

/** Width of a written register that is the operand size of the instruction. */
export const OPERAND_SIZE = 255;

/**
 * The table as arrays by form number, for loops that look at every instruction.
 *
 * `writesRm` and `writesReg` are the bytes written into the general register of modrm.rm (or of the
 * opcode) and of modrm.reg: 0 where none is written, `OPERAND_SIZE` where it is that of the
 * instruction. cmpxchg counts as writing modrm.reg, as the rules judge it. Registers that are
 * written without being named are never rsp, rbp or r15.
 */
export interface FormFacts {
  readonly encoding: Uint32Array;
  readonly immediate: Uint8Array;
  readonly size: Uint8Array;
  readonly memory: Uint8Array;
  readonly flow: Uint8Array;
  readonly strings: Uint8Array;
  readonly zeroExtends: Uint8Array;
  readonly writesRm: Uint8Array;
  readonly writesReg: Uint8Array;
  readonly policy: Uint8Array;
  readonly nontemporal: Uint8Array;
  /** 1 for instructions that are accepted only as the end of a superinstruction. */
  readonly superOnly: Uint8Array;
}

/** Bits that follow from a mark of the row. */
const MARK_BITS: readonly (readonly [Mark, number])[] = [
  ["lock", ENCODING.lock],
  ["hint", ENCODING.hint],
  ["norex", ENCODING.noRex],
  ["no-w", ENCODING.noRexW],
  ["fixed-nop", ENCODING.fixedNop],
  ["any-vvvv", ENCODING.vvvv],
  ["rep", ENCODING.repMeaning],
  ["repcc", ENCODING.repMeaning],
];

/** What validator and decoder ask about a form, as numbers. */
export const FACTS: FormFacts = {
  encoding: Uint32Array.from(FORMS, encodingOf),
  immediate: Uint8Array.from(FORMS, (form) => IMMEDIATES.indexOf(form.immediate)),
  size: Uint8Array.from(FORMS, (form) => sizeCode(form.size)),
  memory: Uint8Array.from(FORMS, memoryOf),
  flow: Uint8Array.from(FORMS, (form) => FLOW[form.flow]),
  strings: Uint8Array.from(FORMS, stringsOf),
  zeroExtends: Uint8Array.from(FORMS, extendsOf),
  writesRm: Uint8Array.from(FORMS, (form) => written(form, ["rm", "opcode", "rax"])),
  writesReg: Uint8Array.from(FORMS, (form) =>
    form.marks.has("guard-reg") ? guarded(form) : written(form, ["reg"]),
  ),
  policy: Uint8Array.from(FORMS, (form) => POLICY[form.policy]),
  nontemporal: Uint8Array.from(FORMS, (form) => Number(form.marks.has("nt"))),
  superOnly: Uint8Array.from(FORMS, (form) => Number(form.marks.has("super"))),
};

function encodingOf(form: Form): number {
  const { modrm } = form;
  let bits = modrm.present ? ENCODING.modrm : 0;
  if (modrm.register) bits |= ENCODING.register;
  if (modrm.memory) bits |= ENCODING.memory;
  if (form.opcodeRegister) bits |= ENCODING.opcodeRegister;
  if (form.suffix !== undefined) bits |= ENCODING.suffix;
  if (form.size === "v" || form.size === "s") bits |= ENCODING.sizeByPrefix;
  for (const operand of form.operands) bits |= operandBits(operand);
  if (form.marks.size === 0) return bits;
  for (const [mark, bit] of MARK_BITS) if (form.marks.has(mark)) bits |= bit;
  return bits;
}

function operandBits({ kind, size }: Operand): number {
  switch (kind) {
    case "reg":
      return size === 1 ? ENCODING.byteReg : 0;
    case "rm":
    case "opcode":
      return size === 1 ? ENCODING.byteRm : 0;
    case "xmm-vvvv":
      return ENCODING.vvvv;
    case "mm-reg":
      return ENCODING.lowReg;
    case "mm-rm":
    case "st":
      return ENCODING.lowRm;
    default:
      return 0;
  }
}

function sizeCode(size: SizeRule): number {
  if (size === "v") return SIZE_V;
  if (size === "y") return SIZE_Y;
  return size === "s" ? SIZE_S : size;
}

function memoryOf(form: Form): number {
  if (!form.modrm.memory) return MEMORY.none;
  return form.marks.has("noderef") ? MEMORY.address : MEMORY.dereferenced;
}

function stringsOf(form: Form): number {
  const has = (kind: OperandKind) => form.operands.some((operand) => operand.kind === kind);
  return (has("source") ? STRING.rsi : 0) | (has("destination") ? STRING.rdi : 0);
}

function extendsOf(form: Form): number {
  if (!form.marks.has("zx")) return EXTENDS.nothing;
  return form.operands[0]?.kind === "reg" ? EXTENDS.reg : EXTENDS.rm;
}

function guarded(form: Form): number {
  return typeof form.size === "number" ? form.size : OPERAND_SIZE;
}

function written(form: Form, kinds: readonly OperandKind[]): number {
  const operand = form.operands.find(
    ({ kind, writes, implicit }) => writes && !implicit && kinds.includes(kind),
  );
  if (operand === undefined) return 0;
  return operand.size === 0 ? OPERAND_SIZE : operand.size;
}
