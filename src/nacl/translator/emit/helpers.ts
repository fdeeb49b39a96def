import { OP, TYPE } from "../../../wasm/rewrite/index.ts";
import { MEMORY_BIAS } from "../guest/index.ts";
import { type Code, V, W } from "../wasm/index.ts";
import { type Routine, routineNamed } from "../x87/index.ts";
import { FUSED_ROUTINES } from "./fused-routines.ts";
import { LANE_ROUTINES } from "./lane-routines.ts";
import { textMatch } from "./text-matches.ts";

const { I32, I64 } = TYPE;

function define(
  parameters: readonly number[],
  results: readonly number[],
  write: (code: Code) => void,
): Routine {
  return { parameters, results, write };
}

/** High half of the product of two 64-bit numbers without signs, in four parts. */
const multiplyHigh = define([I64, I64], [I64], (code) => {
  const [low0, high0, low1, high1, carry] = [0, 0, 0, 0, 0].map(() => code.local(I64));
  const mask = () => code.i64(-1, 0).i64op("AND");
  const local = (at: number | undefined) => at ?? 0;
  code.get(0);
  mask();
  code.set(local(low0)).get(0).i64(32).i64op("SHR_U").set(local(high0)).get(1);
  mask();
  code.set(local(low1)).get(1).i64(32).i64op("SHR_U").set(local(high1));
  code.get(local(low0)).get(local(low1)).i64op("MUL").i64(32).i64op("SHR_U");
  code.get(local(high0)).get(local(low1)).i64op("MUL", "ADD").tee(local(carry));
  mask();
  code.get(local(low0)).get(local(high1)).i64op("MUL", "ADD").i64(32).i64op("SHR_U");
  code.get(local(high0)).get(local(high1)).i64op("MUL", "ADD");
  code.get(local(carry)).i64(32).i64op("SHR_U", "ADD");
});

/** Quotient, remainder, and whether the quotient fits: 128 bits by 64, one bit at a time. */
const divideUnsigned = define([I64, I64, I64], [I64, I64, I32], (code) => {
  writeDivision(code, 0, 1, 2);
});

/** On the stack afterwards: quotient, remainder, whether it fits. */
function writeDivision(code: Code, high: number, low: number, divisor: number): void {
  const [steps, top] = [code.local(I32), code.local(I64)];
  code.get(high).get(divisor).i64op("GE_U").if(TYPE.VOID);
  code.i64(0).i64(0).i32(0).op(OP.RETURN).end();
  code.i32(64).set(steps).loop();
  code.get(high).i64(63).i64op("SHR_U").set(top);
  code.get(high).i64(1).i64op("SHL").get(low).i64(63).i64op("SHR_U", "OR").set(high);
  code.get(low).i64(1).i64op("SHL").set(low);
  code.get(top).op(W.I32_WRAP).get(high).get(divisor).i64op("GE_U").i32op("OR").if();
  code.get(high).get(divisor).i64op("SUB").set(high);
  code.get(low).i64(1).i64op("OR").set(low).end();
  code.get(steps).i32(1).i32op("SUB").tee(steps).brIf(0).end();
  code.get(low).get(high).i32(1);
}

/** The same with signs: the remainder has that of the dividend. */
const divideSigned = define([I64, I64, I64], [I64, I64, I32], (code) => {
  const [negative, opposite, size] = [code.local(I64), code.local(I64), code.local(I64)];
  code.get(0).i64(63).i64op("SHR_S").set(negative);
  code.get(2).i64(63).i64op("SHR_S").get(negative).i64op("XOR").set(opposite);
  code.get(2).i64(63).i64op("SHR_S").get(2).i64op("XOR");
  code.get(2).i64(63).i64op("SHR_S", "SUB").set(size);
  code.get(0).get(negative).i64op("XOR").set(0).get(1).get(negative).i64op("XOR").set(1);
  code.get(1).get(negative).i64op("SUB").tee(1).i64op("EQZ").get(negative).op(W.I32_WRAP);
  code.i32op("AND").op(W.I64_EXTEND_U).get(0).i64op("ADD").set(0);
  writeDivision(code, 0, 1, size);
  const fits = code.local(I32);
  code.set(fits).get(negative).i64op("XOR").get(negative).i64op("SUB").set(0);
  // A negative quotient may be 2^63, a positive one not.
  code.set(1).get(1).i64(0).i64op("LT_S");
  code.get(1).i64(0, 0x8000_0000).i64op("NE").get(opposite).i64op("EQZ").i32op("OR", "AND");
  code.i32op("EQZ").get(fits).i32op("AND").set(fits);
  code.get(1).get(opposite).i64op("XOR").get(opposite).i64op("SUB").get(0).get(fits);
});

/** A checksum and a number of bits of data: the new checksum. */
const checksum = define([I32, I64, I32], [I32], (code) => {
  const bit = code.local(I32);
  code.loop();
  code.get(0).get(1).op(W.I32_WRAP).i32op("XOR").i32(1).i32op("AND").set(bit);
  code.get(1).i64(1).i64op("SHR_U").set(1).get(0).i32(1).i32op("SHR_U");
  code.i32(0).get(bit).i32op("SUB").i32(0x82f6_3b78).i32op("AND", "XOR").set(0);
  code.get(2).i32(1).i32op("SUB").tee(2).brIf(0).end().get(0);
});

/** Pushes a guest address in a local as a linear one. */
function pushLinear(code: Code, local: number): void {
  code.get(local).op(W.I32_WRAP).i32(-MEMORY_BIAS).i32op("ADD");
}

/** Pushes the bytes of a step with the sign of the direction. */
function pushStep(code: Code, size: number, direction: number): void {
  code.get(size).i32(0).get(size).i32op("SUB").get(direction).i32op("EQZ").select();
  code.op(W.I64_EXTEND_S);
}

/**
 * Destination, source, count, bytes of a step, direction: destination and source behind. Bytes
 * move one after another, so that what overlaps repeats itself, as the processor does it.
 */
const moveString = define([I64, I64, I64, I32, I32], [I64, I64], (code) => {
  const [bytes, distance] = [code.local(I64), code.local(I64)];
  code.get(2).get(3).op(W.I64_EXTEND_U).i64op("MUL").set(bytes);
  code.get(0).get(1).i64op("SUB").i64(-1, 0).i64op("AND").set(distance);
  code.get(4).i32op("EQZ").get(distance).get(bytes).i64op("GE_U").i32op("AND");
  code.get(bytes).i64(0, 1).i64op("LT_U").i32op("AND").if();
  pushLinear(code, 0);
  pushLinear(code, 1);
  code.get(bytes).op(W.I32_WRAP).bulk(10, 0, 0);
  code.get(0).get(bytes).i64op("ADD").get(1).get(bytes).i64op("ADD").op(OP.RETURN).end();
  writeSteps(code, 2, () => {
    for (const [size, load, store] of [
      [1, 0x31, 0x3c],
      [2, 0x33, 0x3d],
      [4, 0x35, 0x3e],
      [8, 0x29, 0x37],
    ] as const) {
      code.get(3).i32(size).i32op("EQ").if();
      pushLinear(code, 0);
      pushLinear(code, 1);
      code.memory(load, 0).memory(store, 0).end();
    }
    code.get(0);
    pushStep(code, 3, 4);
    code.i64op("ADD").set(0).get(1);
    pushStep(code, 3, 4);
    code.i64op("ADD").set(1);
  });
  code.get(0).get(1);
});

/** Destination, value, count, bytes of a step, direction: destination behind. */
const storeString = define([I64, I64, I64, I32, I32], [I64], (code) => {
  code.get(4).get(3).i32(1).i32op("NE", "OR", "EQZ").get(2).i64(0, 1).i64op("LT_U").i32op("AND");
  code.if();
  pushLinear(code, 0);
  code.get(1).op(W.I32_WRAP).get(2).op(W.I32_WRAP).bulk(11, 0);
  code.get(0).get(2).i64op("ADD").op(OP.RETURN).end();
  writeSteps(code, 2, () => {
    for (const [size, store] of [
      [1, 0x3c],
      [2, 0x3d],
      [4, 0x3e],
      [8, 0x37],
    ] as const) {
      code.get(3).i32(size).i32op("EQ").if();
      pushLinear(code, 0);
      code.get(1).memory(store, 0).end();
    }
    code.get(0);
    pushStep(code, 3, 4);
    code.i64op("ADD").set(0);
  });
  code.get(0);
});

/** Repeats a body as often as a local says, which then is zero. */
function writeSteps(code: Code, count: number, body: () => void): void {
  code.block().loop().get(count).i64op("EQZ").brIf(1);
  body();
  code.get(count).i64(1).i64op("SUB").set(count).br(0).end().end();
}

/** The double for a NaN of a single, as bits. */
const nanPromoted = define([I32], [TYPE.F64], (code) => {
  code.get(0).op(W.I64_EXTEND_U).i64(0x7f_ffff).i64op("AND").i64(29).i64op("SHL");
  code.get(0).op(W.I64_EXTEND_U).i64(31).i64op("SHR_U").i64(63).i64op("SHL", "OR");
  code.i64(0, 0x7ff8_0000).i64op("OR").op(W.F64_REINTERPRET);
});

const nanDemoted = define([I64], [TYPE.F32], (code) => {
  code.get(0).i64(29).i64op("SHR_U").op(W.I32_WRAP).i32(0x3f_ffff).i32op("AND");
  code.get(0).i64(63).i64op("SHR_U").op(W.I32_WRAP).i32(31).i32op("SHL", "OR");
  code.i32(0x7fc0_0000).i32op("OR").op(W.F32_REINTERPRET);
});

/**
 * Singles of which those below the normal ones are zero, and infinities and NaNs the greatest
 * number; all keep their signs.
 */
const normalSingles = define([TYPE.V128], [TYPE.V128], (code) => {
  const splat = (lane: number) => code.i32(lane).vector(V.I32X4_SPLAT);
  const size = code.local(TYPE.V128);
  code.get(0);
  splat(0x7fff_ffff).vector(V.AND);
  splat(0x7f7f_ffff).vector(V.I32X4_MIN_S).tee(size).get(size);
  splat(0x7f_ffff).vector(V.I32X4_GT_S).vector(V.AND).get(0);
  splat(0x8000_0000).vector(V.AND).vector(V.OR);
});

const NAMED = {
  multiplyHigh,
  divideUnsigned,
  divideSigned,
  checksum,
  moveString,
  storeString,
  nanPromoted,
  nanDemoted,
  normalSingles,
} as const satisfies Record<string, Routine>;

export type HelperName = keyof typeof NAMED | `textMatch${number}`;

/** Name of the helper that compares texts, by the lowest four bits of the constant. */
export function textMatchName(mode: number): HelperName {
  return `textMatch${mode}`;
}

const HELPERS: ReadonlyMap<string, Routine> = new Map<string, Routine>([
  ...Object.entries(NAMED),
  ...Object.entries(LANE_ROUTINES),
  ...Object.entries(FUSED_ROUTINES),
  ...Array.from({ length: 16 }, (_, mode) => [textMatchName(mode), textMatch(mode)] as const),
]);

/** A helper by its name, or a routine of the x87. */
export function helperOf(name: string): Routine {
  return HELPERS.get(name) ?? routineNamed(name);
}
