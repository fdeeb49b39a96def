/** args_get, args_sizes_get, environ_get, environ_sizes_get. */
import { type ByteString, bytesOf, ERRNO, type Errno } from "../../base/index.ts";
import type { Guest } from "./guest.ts";

/**
 * Writes the number of arguments and the bytes that they take with their NULs.
 *
 *   ? 02 00 00 00 ?      ? 09 00 00 00 ?
 *     ^-- countPtr         ^-- bytesPtr
 *
 * - `EFAULT`: a pointer is not inside memory
 */
export function argsSizesGet(guest: Guest, countPtr: number, bytesPtr: number): Errno {
  return writeSizes(guest, guest.words.args, countPtr, bytesPtr);
}

/**
 * Writes the arguments one after the other at `textPtr`, each with a NUL, and a pointer to each
 * at `pointersPtr`.
 *
 *   ? 10 00 00 00 13 00 00 00 ?      61 62 00 63 00 ?
 *     ^-- pointersPtr                ^-- textPtr = 0x10
 *
 * - `EFAULT`: a pointer is not inside memory
 */
export function argsGet(guest: Guest, pointersPtr: number, textPtr: number): Errno {
  return writeStrings(guest, guest.words.args, pointersPtr, textPtr);
}

/** As `argsSizesGet`, for `NAME=VALUE` strings. */
export function environSizesGet(guest: Guest, countPtr: number, bytesPtr: number): Errno {
  return writeSizes(guest, environment(guest), countPtr, bytesPtr);
}

/** As `argsGet`, for `NAME=VALUE` strings. */
export function environGet(guest: Guest, pointersPtr: number, textPtr: number): Errno {
  return writeStrings(guest, environment(guest), pointersPtr, textPtr);
}

function environment(guest: Guest): ByteString[] {
  return guest.words.env.map(([name, value]) => `${name}=${value}`);
}

function writeSizes(
  guest: Guest,
  strings: readonly ByteString[],
  countPtr: number,
  bytesPtr: number,
): Errno {
  guest.memory.check(countPtr, 4);
  guest.memory.check(bytesPtr, 4);
  let sizeBytes = 0;
  for (const text of strings) sizeBytes += text.length + 1;
  guest.memory.writeU32(countPtr, strings.length);
  guest.memory.writeU32(bytesPtr, sizeBytes);
  return ERRNO.OK;
}

function writeStrings(
  guest: Guest,
  strings: readonly ByteString[],
  pointersPtr: number,
  textPtr: number,
): Errno {
  let sizeBytes = 0;
  for (const text of strings) sizeBytes += text.length + 1;
  guest.memory.check(pointersPtr, 4 * strings.length);
  guest.memory.check(textPtr, sizeBytes);
  let at = textPtr;
  strings.forEach((text, index) => {
    guest.memory.writeU32(pointersPtr + 4 * index, at);
    guest.memory.write(at, bytesOf(`${text}\0`));
    at += text.length + 1;
  });
  return ERRNO.OK;
}
