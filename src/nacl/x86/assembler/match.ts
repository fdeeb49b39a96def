import { FORMS, type Form, mnemonicOf, type Operand, type OperandKind } from "../index.ts";
import { type Expression, evaluate, isConstant } from "./expression.ts";
import type { OperandText, RegisterText } from "./operand-text.ts";

/** A form with one of its operand sizes. */
export interface Candidate {
  readonly form: Form;
  readonly size: number;
}

/** Conversions of 256 bits, which those of 128 bits share the name with where that is clear. */
const NARROWING = /^vcvtt?pd2(ps|dq)y$/;

const BY_NAME: ReadonlyMap<string, readonly Candidate[]> = candidatesByName();

function candidatesByName(): Map<string, Candidate[]> {
  const byName = new Map<string, Candidate[]>();
  const add = (name: string, candidate: Candidate) => {
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [candidate]);
    else list.push(candidate);
  };
  for (const form of FORMS) {
    for (const size of sizesOf(form)) {
      const name = mnemonicOf(form, size);
      if (name === "-") continue;
      add(name, { form, size });
      const bare = form.names[0]?.replace("*", "") ?? "";
      if (form.names.length === 1 && bare !== name) add(bare, { form, size });
      // A register tells by itself how wide the source is.
      if (NARROWING.test(name)) add(name.slice(0, -1), { form, size });
    }
  }
  return byName;
}

function sizesOf(form: Form): readonly number[] {
  if (form.size === "v") return [2, 4, 8];
  if (form.size === "y") return [4, 8];
  return form.size === "s" ? [8, 2] : [form.size];
}

/** Other spellings of conditions. */
const ALIASES: Readonly<Record<string, string>> = {
  c: "b",
  nae: "b",
  nb: "ae",
  nc: "ae",
  z: "e",
  nz: "ne",
  na: "be",
  nbe: "a",
  pe: "p",
  po: "np",
  nge: "l",
  nl: "ge",
  ng: "le",
  nle: "g",
};

/** The forms that a name may mean; none for an unknown name. */
export function candidatesOf(name: string): readonly Candidate[] {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  const [, stem = "", condition = "", suffix = ""] =
    /^(j|set|cmov)([a-z]+?)([wlq]?)$/.exec(name) ?? [];
  const other = ALIASES[condition];
  if (other !== undefined) return BY_NAME.get(stem + other + suffix) ?? [];
  if (name === "movabs") return BY_NAME.get("movabsq") ?? [];
  if (/^vcvtt?pd2(ps|dq)x$/.test(name)) {
    return candidatesOf(name.slice(0, -1)).filter(({ form }) => form.vex?.l === 0);
  }
  if (/^(call|jmp)q$/.test(name)) return BY_NAME.get(name.slice(0, -1)) ?? [];
  if (/^fi(ld|stp|sttp)q$/.test(name)) return BY_NAME.get(name.replace(/q$/, "ll")) ?? [];
  return name === "sal" || /^sal[bwlq]$/.test(name)
    ? (BY_NAME.get(name.replace("sal", "shl")) ?? [])
    : [];
}

/** Operands of the text, destination first, beside those of the form that they stand for. */
export type Pairing = readonly (readonly [Operand, OperandText])[];

/** How the operands fit the candidate; undefined where they do not. */
export function pairOperands(
  { form, size }: Candidate,
  operands: readonly OperandText[],
): Pairing | undefined {
  const shown = form.operands.filter((operand) => !operand.implicit);
  if (shown.length !== operands.length) return undefined;
  const pairs = shown.map(
    (operand, at) => [operand, operands[operands.length - 1 - at] as OperandText] as const,
  );
  return pairs.every(([operand, text]) => fits(form, size, operand, text)) ? pairs : undefined;
}

const FIXED: Readonly<Record<string, number>> = { rax: 0, rcx: 1, rdx: 2, rbx: 3 };

function fits(form: Form, size: number, operand: Operand, text: OperandText): boolean {
  switch (text.kind) {
    case "register":
      return (
        text.indirect === (form.flow !== "next") &&
        (form.modrm.register || !MEMORY_KINDS.includes(operand.kind)) &&
        registerFits(operand, operand.size === 0 ? size : operand.size, text) &&
        !isPlainNop(form, size, operand, text)
      );
    case "memory":
      return takesMemory(form, operand.kind);
    case "address":
      return operand.kind === "target" || takesMemory(form, operand.kind);
    case "immediate":
      if (operand.kind === "one") return constantOf(text.value) === 1n;
      return operand.kind === "immediate" && immediateFits(form, size, text.value);
  }
}

/** The short exchange of eax with itself is a nop, which leaves the high half alone. */
function isPlainNop(form: Form, size: number, operand: Operand, text: RegisterText): boolean {
  return operand.kind === "opcode" && form.names[0] === "xchg*" && text.number === 0 && size !== 2;
}

const MEMORY_KINDS: readonly OperandKind[] = ["rm", "memory", "xmm-rm", "mm-rm"];

function takesMemory(form: Form, kind: OperandKind): boolean {
  return form.modrm.memory && MEMORY_KINDS.includes(kind);
}

function registerFits(operand: Operand, size: number, text: RegisterText): boolean {
  const { kind } = operand;
  const wide = size === 32 ? "ymm" : "xmm";
  switch (kind) {
    case "rm":
    case "reg":
    case "opcode":
      return text.file === "general" && text.size === size;
    case "rax":
    case "rcx":
    case "rdx":
    case "rbx":
      return text.file === "general" && text.size === size && text.number === FIXED[kind];
    case "xmm-reg":
    case "xmm-rm":
    case "xmm-vvvv":
    case "xmm-imm":
      return text.file === wide;
    case "xmm0":
      return text.file === "xmm" && text.number === 0;
    case "mm-reg":
    case "mm-rm":
      return text.file === "mm";
    case "st0":
      return text.file === "st" && text.number === 0;
    case "st":
      return text.file === "st";
    default:
      return false;
  }
}

function constantOf(expression: Expression): bigint | undefined {
  return evaluate(expression, () => undefined);
}

/** Whether a value fits; one that depends on symbols does not choose the short form. */
function immediateFits(form: Form, size: number, expression: Expression): boolean {
  const kind = form.immediate;
  if (!isConstant(expression)) return kind !== "signed";
  const value = constantOf(expression) ?? 0n;
  if (kind === "byte" || kind === "pair") return inRange(value, 8n, true);
  if (kind === "signed") return inRange(signedTo(value, size), 8n, false);
  if (kind === "full") return inRange(value, BigInt(size * 8), true);
  if (kind !== "word") return false;
  return size === 8 ? inRange(value, 32n, false) : inRange(value, BigInt(size * 8), true);
}

/** The value as a number with a sign of so many bytes, where it fits in them at all. */
function signedTo(value: bigint, size: number): bigint {
  return inRange(value, BigInt(size * 8), true) ? BigInt.asIntN(size * 8, value) : value;
}

function inRange(value: bigint, bits: bigint, unsigned: boolean): boolean {
  const half = 1n << (bits - 1n);
  return value >= -half && value < (unsigned ? half * 2n : half);
}
