import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { ZvmError } from "../base/index.ts";
import { reasonOf } from "../zerovm/index.ts";
import { shownFile } from "./command.ts";

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

/** @throws ZvmError ZVM_FILE that names the file, also where it is one without an end */
export function readNamedText(file: string): Uint8Array {
  try {
    const text = readText(file);
    if (file !== "-" && text.length === TEXT_BYTES_MAX && isEndless(file)) {
      throw new Error("it is no regular file");
    }
    return text;
  } catch (cause) {
    const message = `Cannot read ${shownFile(file)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}

/** A device gives as many bytes as anybody asks for. */
function isEndless(file: string): boolean {
  return !statSync(file).isFile();
}
