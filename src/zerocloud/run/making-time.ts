/**
 * How long the threads take for one program before it needs a place among those that take long.
 * The largest modules of today take a second or two, also beside others.
 */
export const FIRST_MS = 5000;

const LEAST_MS = 60_000;
const MS_OF_MIB = 10_000;
const MOST_MS = 120_000;
const MIB = 2 ** 20;

/**
 * When a program or an image of this size is given up: what is small has no reason to take long.
 * Code of Native Client takes a second or two for a MiB, and up to 14 where it is all branches; on
 * a busy machine five times as long.
 */
export function makingMsOf(sizeBytes: number): number {
  return Math.min(MOST_MS, LEAST_MS + Math.ceil((sizeBytes / MIB) * MS_OF_MIB));
}
