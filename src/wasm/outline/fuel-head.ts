import { OP, TYPE } from "../rewrite/index.ts";
import type { FunctionCode } from "./function-code.ts";

/**
 * How the meter begins the body of a loop: it takes what a turn costs from a copy of the fuel in
 * a local, writes that through unless the loop is tight, and ends the session below zero.
 */
export interface FuelHead {
  /** The local with the fuel. */
  readonly local: number;
  /** Index of the first instruction of the check. */
  readonly check: number;
  /** Index of the first instruction behind it. */
  readonly end: number;
}

/** How a module counts its fuel, and which loops count for us what they use. */
export interface FuelCounter {
  /** The global with the fuel. */
  readonly globalIndex: number;
  /** Units that a turn of such a loop may cost. */
  readonly costMax: number;
}

interface Pattern {
  readonly take: readonly number[];
  readonly check: readonly number[];
}

const TAKE = [OP.LOCAL_GET, OP.I64_CONST, OP.I64_SUB];
const COMPARE = [OP.LOCAL_GET, OP.I64_CONST, OP.I64_LT_S, OP.IF];
const STOP = [OP.UNREACHABLE, OP.END];
const TIGHT: Pattern = {
  take: [...TAKE, OP.LOCAL_SET],
  check: [...COMPARE, OP.LOCAL_GET, OP.GLOBAL_SET, ...STOP],
};
const THROUGH: Pattern = {
  take: [...TAKE, OP.LOCAL_TEE, OP.GLOBAL_SET],
  check: [...COMPARE, ...STOP],
};

/**
 * What the meter wrote at the head of a loop. A module that came with such code cannot be taken
 * for a metered one: it has no right to the global.
 * @returns undefined where it wrote something else
 */
export function fuelHeadOf(
  code: FunctionCode,
  loop: number,
  counter: FuelCounter,
): FuelHead | undefined {
  const first = (code.constructs[loop]?.head ?? 0) + 1;
  return matchHead(code, first, counter, TIGHT) ?? matchHead(code, first, counter, THROUGH);
}

function matchHead(
  code: FunctionCode,
  first: number,
  { globalIndex, costMax }: FuelCounter,
  { take, check }: Pattern,
): FuelHead | undefined {
  const { operands } = code;
  const opcodes = [...take, ...check];
  if (opcodes.some((opcode, index) => code.opcodes[first + index] !== opcode)) return undefined;
  const local = operands[first] ?? -1;
  if (code.locals[local] !== TYPE.I64) return undefined;
  for (const [index, opcode] of opcodes.entries()) {
    const at = first + index;
    if (isLocal(opcode) && operands[at] !== local) return undefined;
    if (opcode === OP.GLOBAL_SET && numberAt(code, at) !== globalIndex) return undefined;
  }
  const head = { local, check: first + take.length, end: first + opcodes.length };
  const cost = numberAt(code, first + 1);
  const isAboveZero = numberAt(code, head.check + 1) === 0;
  return isAboveZero && cost > 0 && cost <= costMax ? head : undefined;
}

function isLocal(opcode: number): boolean {
  return opcode === OP.LOCAL_GET || opcode === OP.LOCAL_SET || opcode === OP.LOCAL_TEE;
}

/** The number behind an opcode; negative ones come out as large ones. */
function numberAt({ bytes, offsets }: FunctionCode, index: number): number {
  let at = (offsets[index] ?? 0) + 1;
  let value = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
}
