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
  DIGITS_MAX: 999_999_999_999_999_999n,
  /** Of MXCSR. */
  FLUSH_TO_ZERO: 0x8000n,
  DENORMALS_ARE_ZEROS: 0x40n,
  DIVIDE_FAULT: 3n,
};
