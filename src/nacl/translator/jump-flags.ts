import { FLAG } from "../x86/index.ts";
import type { Code } from "./wasm/index.ts";

/*
 * Every computed jump of the sandbox ends in an addition of its base to the target, which sets the
 * flags: C, Z, S, O and A are clear, as the base is 2^32 or more and its low bits are zero, and P
 * tells of the lowest byte of the target.
 */

/** Flags behind a computed jump to an address, as bits of `FLAG`. */
export function flagsOfJumpTo(address: number): number {
  let ones = 0;
  for (let low = address & 0xff; low !== 0; low >>= 1) ones += low & 1;
  return ones % 2 === 0 ? FLAG.P : 0;
}

/** Pushes the same for the address in a local. */
export function pushFlagsOfJump(code: Code, address: number): void {
  code.get(address).i32(0xff).i32op("AND", "POPCNT").i32(1).i32op("AND", "EQZ");
  code.i32(Math.log2(FLAG.P)).i32op("SHL");
}
