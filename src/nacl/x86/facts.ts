import type { Flow, Form, FormPolicy, ImmediateKind, OperandKind, SizeRule } from "./form.ts";
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
  const { marks, modrm } = form;
  const isByte = (kinds: readonly OperandKind[]) =>
    form.operands.some((operand) => kinds.includes(operand.kind) && operand.size === 1);
  const has = (kinds: readonly OperandKind[]) =>
    form.operands.some(({ kind }) => kinds.includes(kind));
  const bits: readonly (readonly [boolean, number])[] = [
    [modrm.present, ENCODING.modrm],
    [modrm.register, ENCODING.register],
    [modrm.memory, ENCODING.memory],
    [marks.has("lock"), ENCODING.lock],
    [marks.has("hint"), ENCODING.hint],
    [marks.has("norex"), ENCODING.noRex],
    [marks.has("no-w"), ENCODING.noRexW],
    [marks.has("fixed-nop"), ENCODING.fixedNop],
    [form.opcodeRegister, ENCODING.opcodeRegister],
    [isByte(["reg"]), ENCODING.byteReg],
    [isByte(["rm", "opcode"]), ENCODING.byteRm],
    [has(["xmm-vvvv"]) || marks.has("any-vvvv"), ENCODING.vvvv],
    [marks.has("rep") || marks.has("repcc"), ENCODING.repMeaning],
    [has(["mm-reg"]), ENCODING.lowReg],
    [has(["mm-rm", "st"]), ENCODING.lowRm],
    [form.suffix !== undefined, ENCODING.suffix],
    [form.size === "v" || form.size === "s", ENCODING.sizeByPrefix],
  ];
  return bits.reduce((sum, [set, bit]) => (set ? sum | bit : sum), 0);
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
