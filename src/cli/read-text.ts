import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** No manifest or nvram text is longer and valid; a device without an end is read no further. */
export const TEXT_BYTES_MAX = 2 ** 20;

const STDIN_FD = 0;

/**
 * Reads a text file, or standard input for `-`, up to a size that no valid text has.
 * @throws the error of the host
 */
export function readText(file: string): Uint8Array {
  const fd = file === "-" ? STDIN_FD : openSync(file, "r");
  try {
    if (fstatSync(fd).isDirectory()) throw new Error("it is a folder");
    const bytes = Buffer.alloc(TEXT_BYTES_MAX);
    let used = 0;
    while (used < bytes.length) {
      const count = readSync(fd, bytes, used, bytes.length - used, null);
      if (count === 0) break;
      used += count;
    }
    return bytes.subarray(0, used);
  } finally {
    if (fd !== STDIN_FD) closeSync(fd);
  }
}
