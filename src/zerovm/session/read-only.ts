import { closeSync, openSync } from "node:fs";

/**
 * The same file behind a descriptor of its own that cannot write: what several cells are given must
 * be the same for each of them, whatever one of them became.
 * @throws the error of the host
 */
export function readOnlyCopy(fd: number): number {
  return openSync(`/proc/self/fd/${fd}`, "r");
}

/** As `readOnlyCopy`, in place of a descriptor of ours, which is closed. */
export function turnedReadOnly(fd: number): number {
  try {
    return readOnlyCopy(fd);
  } finally {
    closeSync(fd);
  }
}
