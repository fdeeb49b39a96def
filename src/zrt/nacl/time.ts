/** Clocks and sleep. All clocks are the one clock of the session. */
import { ERRNO } from "../../base/index.ts";
import { CLOCK_COUNT } from "../wasi/index.ts";
import { encodeTimespec, encodeTimeval, TIME_BYTES } from "./layouts.ts";
import type { NaclAnswer, NaclWorld } from "./nacl-world.ts";

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MICROSECOND = 1000n;
const MICROSECONDS_PER_SECOND = 1_000_000n;
/** `clock_t` is a signed word: it begins anew before it would look like an error. */
const CLOCK_MASK = 0x7fff_ffffn;

/** Writes the time, as a `struct timeval`. */
export const gettimeofday: NaclAnswer = ({ guest, memory }, resultPtr) => {
  memory.check(resultPtr, TIME_BYTES, "write");
  memory.write(resultPtr, encodeTimeval(guest.clock.look()));
  return 0;
};

/** Microseconds since the program began. */
export const clock: NaclAnswer = ({ guest, startNs }) => {
  return Number(((guest.clock.look() - startNs) / NS_PER_MICROSECOND) & CLOCK_MASK);
};

/** Writes the step of a clock, as a `struct timespec`. `EINVAL`: there is no such clock. */
export const clockGetres: NaclAnswer = ({ guest, memory }, id, resultPtr) => {
  if (id >= CLOCK_COUNT) return -ERRNO.EINVAL;
  memory.write(resultPtr, encodeTimespec(guest.clock.resolutionNs));
  return 0;
};

/** Writes the time of a clock, as a `struct timespec`. `EINVAL`: there is no such clock. */
export const clockGettime: NaclAnswer = ({ guest, memory }, id, resultPtr) => {
  if (id >= CLOCK_COUNT) return -ERRNO.EINVAL;
  memory.check(resultPtr, TIME_BYTES, "write");
  memory.write(resultPtr, encodeTimespec(guest.clock.look()));
  return 0;
};

/** Sleeps; there are no signals, and so nothing is left of the time. `EINVAL`: no such time. */
export const nanosleep: NaclAnswer = (world, timePtr) => {
  const durationNs = readTimespec(world, timePtr);
  if (durationNs === undefined) return -ERRNO.EINVAL;
  world.guest.clock.sleep(durationNs);
  return 0;
};

/** Nanoseconds of a `struct timespec`; undefined where it holds none. */
export function readTimespec(world: NaclWorld, pointer: number): bigint | undefined {
  return readTime(world, pointer, NS_PER_SECOND, 1n);
}

/** Nanoseconds of a `struct timeval`; undefined where it holds none. */
export function readTimeval(world: NaclWorld, pointer: number): bigint | undefined {
  return readTime(world, pointer, MICROSECONDS_PER_SECOND, NS_PER_MICROSECOND);
}

function readTime(
  { memory }: NaclWorld,
  pointer: number,
  partsPerSecond: bigint,
  nsPerPart: bigint,
): bigint | undefined {
  memory.check(pointer, TIME_BYTES, "read");
  const seconds = memory.readI64(pointer);
  const parts = BigInt(memory.readU32(pointer + 8));
  if (seconds < 0n || parts >= partsPerSecond) return undefined;
  return seconds * NS_PER_SECOND + parts * nsPerPart;
}
