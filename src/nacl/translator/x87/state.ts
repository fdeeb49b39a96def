import { GLOBAL } from "../guest/index.ts";
import type { ValueType } from "./value.ts";

/** A global that routines know by name. */
interface StateGlobal {
  readonly type: ValueType;
  readonly index: number;
  readonly isGlobal: true;
}

function state(index: number): StateGlobal {
  return { type: "i32", index, isGlobal: true };
}

/**
 * What routines know of the unit. `top` is the register that is ST(0), `empty` has a bit for each
 * register without a value, `status` is the status word without `top`, and `place` is the address
 * of the instruction. `format` is 0 but while a lane of SSE is computed, by `modes`, its MXCSR. A
 * register is a significand of 64 bits, whose highest bit is the integer part, beside a word of
 * sign and exponent.
 */
export const STATE: ReadonlyMap<string, StateGlobal> = new Map([
  ["top", state(GLOBAL.X87_TOP)],
  ["empty", state(GLOBAL.X87_EMPTY)],
  ["control", state(GLOBAL.X87_CONTROL)],
  ["status", state(GLOBAL.X87_STATUS)],
  ["place", state(GLOBAL.X87_PLACE)],
  ["format", state(GLOBAL.X87_FORMAT)],
  ["modes", state(GLOBAL.MXCSR)],
]);

/** Numbers that routines know by name. */
export const CONSTANTS: Readonly<Record<string, bigint>> = {
  // Exceptions, as they stand in the status word: the stack fault comes with an invalid operation.
  INVALID: 1n,
  DENORMAL: 2n,
  ZERO_DIVIDE: 4n,
  OVERFLOW: 8n,
  UNDERFLOW: 16n,
  PRECISION: 32n,
  STACK: 0x41n,
  // Condition bits.
  C0: 0x100n,
  C1: 0x200n,
  C2: 0x400n,
  C3: 0x4000n,
  CONDITIONS: 0x4700n,
  SIGN: 0x8000n,
  EXPONENT: 0x7fffn,
  BIAS: 16383n,
  /** Exponent of a number that is its significand as an integer. */
  INTEGER: 16446n,
  /** Beside sign and exponent of a number that was a denormal one of 32 or 64 bits in memory. */
  WAS_DENORMAL: 0x1_0000n,
  /** The highest bit of a significand: the integer part. */
  TOP_BIT: 1n << 63n,
  QUIET_BIT: 1n << 62n,
  HALF: 1n << 63n,
  /** The NaN of an invalid operation. */
  INDEFINITE: 3n << 62n,
  INDEFINITE_SIGN: 0xffffn,
  /** Pi and others as significands of 128 bits. */
  PI: 0xc90f_daa2_2168_c234n,
  PI_LOW: 0xc4c6_628b_80dc_1cd1n,
  LN_2: 0xb172_17f7_d1cf_79abn,
  LN_2_LOW: 0xc9e3_b398_03f2_f6afn,
  LOG2_E: 0xb8aa_3b29_5c17_f0bbn,
  LOG2_E_LOW: 0xbe87_fed0_691d_3e88n,
  /** The root of two as a significand. */
  ROOT_2: 0xb504_f333_f9de_6484n,
  /** Half of the pi that angles are reduced by, in units of 2^-65. */
  HALF_PI: 3n,
  HALF_PI_LOW: 0x243f_6a88_85a3_08d3n,
  DIGITS_MAX: 999_999_999_999_999_999n,
  /** Of MXCSR. */
  FLUSH_TO_ZERO: 0x8000n,
  DENORMALS_ARE_ZEROS: 0x40n,
  DIVIDE_FAULT: 3n,
};
