import { assert } from "../../base/index.ts";
import type { ImmediateKind, Operand, OperandKind, SizeRule } from "./form.ts";

const KINDS: Readonly<Record<string, OperandKind>> = {
  E: "rm",
  G: "reg",
  Z: "opcode",
  M: "memory",
  I: "immediate",
  J: "target",
  1: "one",
  A: "rax",
  C: "rcx",
  D: "rdx",
  B: "rbx",
  V: "xmm-reg",
  W: "xmm-rm",
  H: "xmm-vvvv",
  L: "xmm-imm",
  O: "xmm0",
  P: "mm-reg",
  Q: "mm-rm",
  S: "st0",
  T: "st",
  X: "source",
  Y: "destination",
};

/** Bytes of an operand; those of the operand size are 0. `e` and `f` are the states of the x87. */
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  w: 2,
  d: 4,
  q: 8,
  t: 10,
  o: 16,
  h: 32,
  e: 28,
  f: 108,
  n: 0,
  v: 0,
  y: 0,
  s: 0,
  z: 0,
};

/** What the column of the operands says. */
export interface OperandColumn {
  readonly operands: readonly Operand[];
  readonly size: SizeRule;
  readonly immediate: ImmediateKind;
}

/** Rows repeat the same few lists of operands: each is read once. */
const COLUMNS = new Map<string, OperandColumn>();
const OPERANDS = new Map<string, Operand>();

/** Reads operands as `row-text.ts` describes them. */
export function readOperands(text: string): OperandColumn {
  const known = COLUMNS.get(text);
  if (known !== undefined) return known;
  const operands = text === "" ? [] : text.split(" ").map(operandOf);
  const column = { operands, size: sizeRule(text, operands), immediate: immediateOf(text) };
  COLUMNS.set(text, column);
  return column;
}

function operandOf(text: string): Operand {
  const known = OPERANDS.get(text);
  if (known !== undefined) return known;
  const operand = readOperand(text);
  OPERANDS.set(text, operand);
  return operand;
}

function readOperand(text: string): Operand {
  const match = /^(~?)([=+]?)(.)(.)(?::(\d+))?$/.exec(text);
  const kind = KINDS[match?.[3] ?? ""];
  assert(match !== null && kind !== undefined, `operand ${text}`);
  const size = SIZES[match[4] ?? ""] ?? 0;
  return {
    kind,
    size,
    memorySize: match[5] === undefined ? size : Number(match[5]),
    reads: match[2] !== "=",
    writes: match[2] !== "",
    implicit: match[1] === "~",
  };
}

/** Operands that are general registers, or memory with their size. */
const GENERAL: readonly OperandKind[] = ["rm", "reg", "opcode", "rax", "destination", "source"];

function sizeRule(text: string, operands: readonly Operand[]): SizeRule {
  if (/[EZ]s/.test(text)) return "s";
  if (/[A-Z]v/.test(text)) return "v";
  if (/[A-Z]y/.test(text)) return "y";
  return operands.find(({ kind }) => GENERAL.includes(kind))?.size ?? 0;
}

function immediateOf(text: string): ImmediateKind {
  if (/Ib\s+Ib/.test(text)) return "pair";
  if (/Ib/.test(text)) return "byte";
  if (/Is/.test(text)) return "signed";
  if (/Iz/.test(text)) return "word";
  if (/Iv/.test(text)) return "full";
  if (/L[xoh]/.test(text)) return "register";
  if (/Jb/.test(text)) return "near";
  return /Jz/.test(text) ? "far" : "none";
}
