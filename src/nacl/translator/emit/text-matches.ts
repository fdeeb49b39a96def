import { TYPE } from "../../../wasm/rewrite/index.ts";
import { type Code, V } from "../wasm/index.ts";
import type { Routine } from "../x87/index.ts";

/** What `pcmpestri` and its like look for, by bits 2 and 3 of their constant. */
const AGGREGATION = { ANY: 0, RANGES: 1, EACH: 2, ORDERED: 3 } as const;

const ALL_BYTES = Array.from({ length: 16 }, (_, at) => at);

/** Opcodes for lanes of one kind. */
interface Lanes {
  readonly count: number;
  readonly bytes: number;
  readonly splat: number;
  readonly extract: number;
  readonly equal: number;
  readonly bitmask: number;
  readonly atLeast: number;
  readonly atMost: number;
}

function lanesOf(mode: number): Lanes {
  const signed = (mode & 2) !== 0;
  if ((mode & 1) === 0) {
    return {
      count: 16,
      bytes: 1,
      splat: V.I8X16_SPLAT,
      extract: V.I8X16_EXTRACT_U,
      equal: V.I8X16_EQ,
      bitmask: V.I8X16_BITMASK,
      atLeast: signed ? V.I8X16_GE_S : V.I8X16_GE_U,
      atMost: signed ? V.I8X16_LE_S : V.I8X16_LE_U,
    };
  }
  return {
    count: 8,
    bytes: 2,
    splat: V.I16X8_SPLAT,
    extract: V.I16X8_EXTRACT_U,
    equal: V.I16X8_EQ,
    bitmask: V.I16X8_BITMASK,
    atLeast: signed ? V.I16X8_GE_S : V.I16X8_GE_U,
    atMost: signed ? V.I16X8_LE_S : V.I16X8_LE_U,
  };
}

const A = 0;
const B = 1;
const LENGTH_A = 2;
const LENGTH_B = 3;

/**
 * The function for the lowest four bits of the constant: of two vectors and how many of their lanes
 * are valid it makes a bit for each lane.
 */
export function textMatch(mode: number): Routine {
  const { V128, I32 } = TYPE;
  const lanes = lanesOf(mode);
  const write = {
    [AGGREGATION.ANY]: writeAny,
    [AGGREGATION.RANGES]: writeRanges,
    [AGGREGATION.EACH]: writeEach,
    [AGGREGATION.ORDERED]: writeOrdered,
  }[mode >> 2];
  return {
    parameters: [V128, V128, I32, I32],
    results: [I32],
    write: (code) => write?.(code, lanes),
  };
}

/** Pushes a bit for each lane that is valid. */
function pushValid(code: Code, length: number): void {
  code.i32(1).get(length).i32op("SHL").i32(1).i32op("SUB");
}

/** Pushes one lane of the first vector in all lanes. */
function pushLane(code: Code, { extract, splat }: Lanes, lane: number): void {
  code.get(A).vector(extract, lane).vector(splat);
}

/** Repeats while the first vector has `step` valid lanes more; then these are gone from it. */
function forLanes(code: Code, lanes: Lanes, step: number, body: () => void): void {
  code.block().loop().get(LENGTH_A).i32(step).i32op("LT_S").brIf(1);
  body();
  const bytes = ALL_BYTES.map((at) => (at + step * lanes.bytes) & 15);
  code
    .get(A)
    .get(A)
    .vector(V.SHUFFLE, ...bytes)
    .set(A);
  code.get(LENGTH_A).i32(step).i32op("SUB").set(LENGTH_A).br(0).end().end();
}

/** Lanes of the second vector that are in the first. */
function writeAny(code: Code, lanes: Lanes): void {
  const found = code.local(TYPE.V128);
  forLanes(code, lanes, 1, () => {
    pushLane(code, lanes, 0);
    code.get(B).vector(lanes.equal).get(found).vector(V.OR).set(found);
  });
  code.get(found).vector(lanes.bitmask);
  pushValid(code, LENGTH_B);
  code.i32op("AND");
}

/** Lanes of the second vector that are between two neighbours of the first. */
function writeRanges(code: Code, lanes: Lanes): void {
  const found = code.local(TYPE.V128);
  forLanes(code, lanes, 2, () => {
    code.get(B);
    pushLane(code, lanes, 0);
    code.vector(lanes.atLeast).get(B);
    pushLane(code, lanes, 1);
    code.vector(lanes.atMost).vector(V.AND).get(found).vector(V.OR).set(found);
  });
  code.get(found).vector(lanes.bitmask);
  pushValid(code, LENGTH_B);
  code.i32op("AND");
}

/** Lanes that are equal, or both not valid. */
function writeEach(code: Code, { count, equal, bitmask }: Lanes): void {
  code.get(A).get(B).vector(equal).vector(bitmask);
  pushValid(code, LENGTH_A);
  code.i32op("AND");
  pushValid(code, LENGTH_B);
  code.i32op("AND");
  pushValid(code, LENGTH_A);
  pushValid(code, LENGTH_B);
  code.i32op("OR").i32(-1).i32op("XOR", "OR");
  code.i32((1 << count) - 1).i32op("AND");
}

/** Places of the second vector where the first stands, as far as the vector reaches. */
function writeOrdered(code: Code, lanes: Lanes): void {
  const [found, step, valid] = [TYPE.I32, TYPE.I32, TYPE.I32].map((type) => code.local(type));
  const local = (index: number | undefined) => index ?? 0;
  const all = (1 << lanes.count) - 1;
  pushValid(code, LENGTH_B);
  code.set(local(valid)).i32(all).set(local(found));
  forLanes(code, lanes, 1, () => {
    pushLane(code, lanes, 0);
    code.get(B).vector(lanes.equal).vector(lanes.bitmask).get(local(valid)).i32op("AND");
    code.get(local(step)).i32op("SHR_U");
    // Nothing is compared behind the last lane.
    code.i32(all).get(local(step)).i32op("SHR_U").i32(-1).i32op("XOR", "OR");
    code.get(local(found)).i32op("AND").set(local(found));
    code.get(local(step)).i32(1).i32op("ADD").set(local(step));
  });
  code.get(local(found));
}
