import { OP, TYPE } from "../../../wasm/rewrite/index.ts";
import { GLOBAL, MXCSR_DEFAULT } from "../guest/index.ts";
import { type Code, V, W } from "../wasm/index.ts";
import type { Routine, RoutineScope } from "../x87/index.ts";
import { DROPPED, pushLane } from "./lane-routines.ts";

/*
 * Multiplications with an addition that are rounded once. Most numbers go a fast way, two lanes of
 * doubles at a time: the sum is found as one that has a one at its end where bits were lost, so
 * that rounding it again is right. Numbers that doubles are too narrow for, and other modes than
 * those at the start, go through integers of 128 bits, lane by lane.
 */

/** Bits of an operation: which of the two parts changes its sign. */
export const NEGATED = { product: 1, addend: 2 } as const;

/** What the even lanes do and what the odd ones do. */
export type Operations = readonly [even: number, odd: number];

/** Lanes of the operands: all, or the lowest alone. */
type Kind = "ps" | "pd" | "ss" | "sd";

/** Parameters: both factors, and what is added to their product. */
const [X, Y, Z] = [0, 1, 2];
/** Between 2^-900 and 2^900 the parts of a product of doubles are exact. */
const LARGE = 0x783 << 20;
const SMALL = 0x07b << 20;
const INFINITE = 0x7ff0_0000;
/** Upper half of 2^27 + 1, which a double is multiplied by for the upper half of its bits. */
const SPLITTER = [0x0200_0000, 0x41a0_0000] as const;
const LOWER_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const UPPER_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const LOWEST = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7];

function vectors<Names extends string>(code: Code, names: readonly Names[]): Record<Names, number> {
  const locals = names.map((name) => [name, code.local(TYPE.V128)]);
  return Object.fromEntries(locals) as Record<Names, number>;
}

function pushDoubles(code: Code, low: number, high: number): void {
  code.i64(low, high).vector(V.I64X2_SPLAT);
}

/** Negates lanes of doubles in a local. */
function negate(code: Code, local: number, operations: Operations, part: number): void {
  if (operations.every((operation) => (operation & part) === 0)) return;
  const signs = operations.flatMap((operation) => [
    ...[0, 0, 0, 0, 0, 0, 0],
    (operation & part) === 0 ? 0 : 0x80,
  ]);
  code
    .get(local)
    .v128(...signs)
    .vector(V.XOR)
    .set(local);
}

/** Pushes whether the lanes of a local are less than a power of two, whatever their signs. */
function isBelow(code: Code, local: number, high: number): void {
  code.get(local).vector(V.F64X2_ABS);
  pushDoubles(code, 0, high);
  code.vector(V.F64X2_LT);
}

/** The sum of two locals, and what rounding took away from it. */
function twoSum(code: Code, a: number, b: number, sum: number, rest: number): void {
  code.get(a).get(b).vector(V.F64X2_ADD).tee(sum).get(a).vector(V.F64X2_SUB).set(rest);
  code.get(a).get(sum).get(rest).vector(V.F64X2_SUB).vector(V.F64X2_SUB);
  code.get(b).get(rest).vector(V.F64X2_SUB).vector(V.F64X2_ADD).set(rest);
}

/** Pushes an exact sum as the odd one of the doubles beside it, if it is none itself. */
function pushOdd(code: Code, sum: number, rest: number): void {
  // One step away from zero or back to it, as the signs of sum and rest are the same or not.
  code.get(sum).get(sum).get(rest).vector(V.XOR).i32(63).vector(V.I64X2_SHR_S);
  code.i64(1).vector(V.I64X2_SPLAT).vector(V.OR);
  code.get(rest).v128().vector(V.F64X2_NE).vector(V.AND);
  code.get(sum).i64(1).vector(V.I64X2_SPLAT).vector(V.AND);
  code.i64(1).vector(V.I64X2_SPLAT).vector(V.I64X2_SUB).vector(V.AND).vector(V.I64X2_ADD);
}

/** Puts the sums of two lanes of singles into a local; pushes whether all are finite. */
function writePair(code: Code, isUpper: boolean, operations: Operations, result: number): void {
  const { x, y, z, sum, rest } = vectors(code, ["x", "y", "z", "sum", "rest"]);
  for (const [from, to] of [
    [X, x],
    [Y, y],
    [Z, z],
  ] as const) {
    code.get(from);
    if (isUpper) code.get(from).vector(V.SHUFFLE, ...UPPER_HALF);
    code.vector(V.PROMOTE).set(to);
  }
  // The product of two singles is a double.
  code.get(x).get(y).vector(V.F64X2_MUL).set(x);
  negate(code, x, operations, NEGATED.product);
  negate(code, z, operations, NEGATED.addend);
  twoSum(code, x, z, sum, rest);
  pushOdd(code, sum, rest);
  code.set(result);
  isBelow(code, sum, INFINITE);
  code.vector(V.I64X2_ALL_TRUE);
}

function writeSingles(code: Code, isScalar: boolean, operations: Operations): void {
  const { low, high } = vectors(code, ["low", "high"]);
  writePair(code, false, operations, low);
  if (!isScalar) {
    writePair(code, true, operations, high);
    code.i32op("AND");
  }
  code.if().get(low).vector(V.DEMOTE);
  if (!isScalar)
    code
      .get(high)
      .vector(V.DEMOTE)
      .vector(V.SHUFFLE, ...LOWER_HALVES);
  code.op(OP.RETURN).end();
}

/** The upper and the lower half of the bits of doubles: products of halves are exact. */
function split(code: Code, from: number, upper: number, lower: number): void {
  code.get(from);
  pushDoubles(code, ...SPLITTER);
  code.vector(V.F64X2_MUL).tee(upper).get(upper).get(from).vector(V.F64X2_SUB);
  code.vector(V.F64X2_SUB).set(upper);
  code.get(from).get(upper).vector(V.F64X2_SUB).set(lower);
}

/** The product of two locals, and what rounding took away from it. */
function twoProduct(code: Code, x: number, y: number, product: number, rest: number): void {
  const { xh, xl, yh, yl } = vectors(code, ["xh", "xl", "yh", "yl"]);
  split(code, x, xh, xl);
  split(code, y, yh, yl);
  code.get(xh).get(yh).vector(V.F64X2_MUL).get(x).get(y).vector(V.F64X2_MUL).tee(product);
  code.vector(V.F64X2_SUB);
  for (const [a, b] of [
    [xh, yl],
    [xl, yh],
    [xl, yl],
  ] as const) {
    code.get(a).get(b).vector(V.F64X2_MUL).vector(V.F64X2_ADD);
  }
  code.set(rest);
}

function writeDoubles(code: Code, operations: Operations): void {
  const names = ["x", "z", "product", "rest", "low", "lowRest", "high", "highRest"] as const;
  const { x, z, product, rest, low, lowRest, high, highRest } = vectors(code, names);
  code.get(X).set(x).get(Z).set(z);
  negate(code, x, operations, NEGATED.product);
  negate(code, z, operations, NEGATED.addend);
  twoProduct(code, x, Y, product, rest);
  isBelow(code, product, SMALL);
  code.vector(V.NOT);
  for (const factor of [x, Y]) code.get(factor).v128().vector(V.F64X2_EQ).vector(V.OR);
  for (const operand of [x, Y, z, product]) {
    isBelow(code, operand, LARGE);
    code.vector(V.AND);
  }
  code.vector(V.I64X2_ALL_TRUE).if();
  twoSum(code, z, rest, low, lowRest);
  twoSum(code, product, low, high, highRest);
  twoSum(code, lowRest, highRest, low, rest);
  code.get(high);
  pushOdd(code, low, rest);
  code.vector(V.F64X2_ADD).set(low);
  // The sign of a zero is that of the plain sum.
  code.get(product).get(z).vector(V.F64X2_ADD).get(low);
  code.get(low).v128().vector(V.F64X2_EQ).vector(V.BITSELECT).op(OP.RETURN).end();
}

/** Pushes the result, in any mode. */
function writeSlowly(code: Code, scope: RoutineScope, kind: Kind, operations: Operations): void {
  const double = kind.endsWith("d");
  const count = kind.startsWith("s") ? 1 : double ? 2 : 4;
  const { result } = vectors(code, ["result"]);
  const lane = double ? "double" : "single";
  for (let at = 0; at < count; at++) {
    code.get(result).i32(operations[at % 2] ?? 0);
    for (const vector of [X, Y, Z]) pushLane(code, scope, lane, [vector, at]);
    code.i32(DROPPED[lane]).call(scope.routine("laneFused"));
    if (!double) code.op(W.I32_WRAP);
    code.vector(double ? V.I64X2_REPLACE : V.I32X4_REPLACE, at).set(result);
  }
  code.get(result);
}

function fused(kind: Kind, operations: Operations): Routine {
  const { V128 } = TYPE;
  const isScalar = kind.startsWith("s");
  const write: Routine["write"] = (code, scope) => {
    // The lanes of a scalar are all the same, so that only it decides which way is gone.
    for (const local of isScalar ? [X, Y, Z] : []) {
      code
        .get(local)
        .get(local)
        .vector(V.SHUFFLE, ...(kind === "sd" ? LOWEST : LOWEST.map((at) => at % 4)))
        .set(local);
    }
    code.globalGet(GLOBAL.MXCSR).i32(MXCSR_DEFAULT).i32op("EQ").if();
    if (kind.endsWith("d")) writeDoubles(code, operations);
    else writeSingles(code, isScalar, operations);
    code.end();
    writeSlowly(code, scope, kind, operations);
  };
  return { parameters: [V128, V128, V128], results: [V128], write };
}

/** What the names of instructions have behind the `v`, and before the order of operands. */
export const FUSED_NAMES: Readonly<Record<string, Operations>> = {
  fmadd: [0, 0],
  fmsub: [NEGATED.addend, NEGATED.addend],
  fnmadd: [NEGATED.product, NEGATED.product],
  fnmsub: [NEGATED.product | NEGATED.addend, NEGATED.product | NEGATED.addend],
  fmaddsub: [NEGATED.addend, 0],
  fmsubadd: [0, NEGATED.addend],
};

/** Routines by name and lanes, as `fmaddps`. */
export const FUSED_ROUTINES: Readonly<Record<string, Routine>> = Object.fromEntries(
  Object.entries(FUSED_NAMES).flatMap(([name, operations]) =>
    (["ps", "pd", "ss", "sd"] as const).map((kind) => [name + kind, fused(kind, operations)]),
  ),
);
