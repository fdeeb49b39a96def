import { TYPE } from "../../../wasm/rewrite/index.ts";
import { GLOBAL } from "../guest/index.ts";
import { type Code, V, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";

/*
 * The NaN that an operation gives is that of its first operand, else that of its second, made
 * quiet; else one of its own, which is negative. The code stands where it is needed: a call would
 * cost the registers of the loop around it, though it is never reached.
 */

/** Pushes the NaN of two scalars in locals. */
export function pushNanScalar(code: Code, a: number, b: number, double: boolean): void {
  const bits = double ? W.I64_REINTERPRET : W.I32_REINTERPRET;
  const unequal = double ? W.F64_NE : W.F32_NE;
  const quiet = (local: number) => {
    code.get(local).op(bits);
    if (double) code.i64(0, 0x8_0000).i64op("OR");
    else code.i32(0x40_0000).i32op("OR");
  };
  quiet(a);
  if (a !== b) {
    quiet(b);
    pushOwn(code, double);
    code.get(b).get(b).op(unequal).select();
  } else pushOwn(code, double);
  code.get(a).get(a).op(unequal).select();
  code.op(double ? W.F64_REINTERPRET : W.F32_REINTERPRET);
}

function pushOwn(code: Code, double: boolean): void {
  if (double) code.i64(0, 0xfff8_0000);
  else code.i32(0xffc0_0000);
}

/** Pushes a vector of results with such NaNs in place of those that it has. */
export function pushNanVector(
  code: Code,
  a: number,
  b: number,
  result: number,
  double: boolean,
): void {
  const isNan = (local: number) => {
    code
      .get(local)
      .get(local)
      .vector(double ? V.F64X2_NE : V.F32X4_NE);
  };
  const splat = double ? V.I64X2_SPLAT : V.I32X4_SPLAT;
  const quiet = (local: number) => {
    code.get(local);
    if (double) code.i64(0, 0x8_0000);
    else code.i32(0x40_0000);
    code.vector(splat).vector(V.OR);
  };
  quiet(a);
  if (a !== b) quiet(b);
  pushOwn(code, double);
  code.vector(splat);
  if (a !== b) {
    isNan(b);
    code.vector(V.BITSELECT);
  }
  isNan(a);
  code.vector(V.BITSELECT).get(result);
  isNan(result);
  code.vector(V.BITSELECT);
}

/** What of a register may be a NaN: all lanes of a width, or the lowest one. */
export interface Suspect {
  readonly register: number;
  readonly isDouble: boolean;
  readonly isPacked: boolean;
}

/**
 * Pushes what is not 0 where one of the registers has a NaN, or where their sum has one: that is
 * looked at once, and is seldom another one.
 */
export function pushAnyNan(emitter: Emitter, suspects: readonly Suspect[]): void {
  let parts = 0;
  for (const double of [true, false]) {
    const some = suspects.filter(({ isDouble }) => isDouble === double);
    if (some.length === 0) continue;
    if (some.some(({ isPacked }) => isPacked)) pushNanAmongVectors(emitter, some, double);
    else pushNanAmongScalars(emitter, some, double);
    if (parts++ > 0) emitter.code.i32op("OR");
  }
}

function pushNanAmongVectors(emitter: Emitter, some: readonly Suspect[], double: boolean): void {
  const { code } = emitter;
  const sum = emitter.scratch("nan sum", TYPE.V128);
  for (const [at, { register, isPacked }] of some.entries()) {
    if (isPacked) {
      emitter.low.settle(1 << register);
      code.get(emitter.register(register));
    } else {
      // What is in the other lanes of a scalar's register may be anything.
      emitter.low.push(register - GLOBAL.XMM, double);
      code.vector(double ? V.F64X2_SPLAT : V.F32X4_SPLAT);
    }
    if (at > 0) code.vector(double ? V.F64X2_ADD : V.F32X4_ADD);
  }
  code
    .tee(sum)
    .get(sum)
    .vector(double ? V.F64X2_NE : V.F32X4_NE);
  code.vector(double ? V.I64X2_BITMASK : V.I32X4_BITMASK);
}

function pushNanAmongScalars(emitter: Emitter, some: readonly Suspect[], double: boolean): void {
  const { code } = emitter;
  const sum = emitter.scratch("nan sum", double ? TYPE.F64 : TYPE.F32);
  for (const [at, { register }] of some.entries()) {
    emitter.low.push(register - GLOBAL.XMM, double);
    if (at > 0) code.op(double ? W.F64_ADD : W.F32_ADD);
  }
  // Engines test for this with one jump, for a value that differs from itself with two.
  code
    .tee(sum)
    .get(sum)
    .op(double ? W.F64_LE : W.F32_LE)
    .i32op("EQZ");
}
