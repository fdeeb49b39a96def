/** clock_res_get, clock_time_get, random_get, sched_yield. */
import { ERRNO, type Errno } from "../../base/index.ts";
import type { Guest } from "./guest.ts";

/** Realtime, monotonic, process and thread time are one clock. */
export const CLOCK_COUNT = 4;

/**
 * Writes the resolution of a clock, in nanoseconds.
 *
 *   ? e8 03 00 00 00 00 00 00 ?
 *     ^-- resultPtr, u64: 1000
 *
 * - `EINVAL`: `id` is not a clock
 * - `EFAULT`: the 8 bytes are not inside memory
 */
export function clockResGet(guest: Guest, id: number, resultPtr: number): Errno {
  if (id >= CLOCK_COUNT) return ERRNO.EINVAL;
  guest.memory.writeU64(resultPtr, guest.clock.resolutionNs);
  return ERRNO.OK;
}

/**
 * Writes the time, in nanoseconds since 1970, and moves the virtual clock by a microsecond: a
 * guest that waits for the clock by looking at it gets on.
 *
 *   ? 00 ca 9a 3b 00 00 00 00 ?
 *     ^-- resultPtr, u64: one second
 *
 * - `EINVAL`: `id` is not a clock
 * - `EFAULT`: the 8 bytes are not inside memory
 */
export function clockTimeGet(
  guest: Guest,
  id: number,
  _precision: bigint,
  resultPtr: number,
): Errno {
  if (id >= CLOCK_COUNT) return ERRNO.EINVAL;
  guest.memory.check(resultPtr, 8);
  guest.memory.writeU64(resultPtr, guest.clock.look());
  return ERRNO.OK;
}

/**
 * Fills `size` bytes from the session's entropy.
 *
 * - `EFAULT`: the bytes are not inside memory
 */
export function randomGet(guest: Guest, pointer: number, size: number): Errno {
  guest.memory.check(pointer, size);
  guest.entropy.fill(guest.memory.bytes, pointer, size);
  guest.trace.wrote(guest.memory.bytes, pointer, size);
  return ERRNO.OK;
}

/** There is nobody to yield to. */
export function schedYield(): Errno {
  return ERRNO.OK;
}
