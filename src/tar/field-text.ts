/** Text fields of headers: the one thing that is read of every member as a string. */

import type { ByteString } from "../base/index.ts";
import { FIELD, type Field, STAR_PREFIX_BYTES, STAR_TRAILER_AT } from "./layout.ts";

/**
 * The character codes of the field at hand. A plain array that is used again makes strings
 * several times faster than a view of the block for each, which also burdens the collector.
 */
const codes: number[] = [];

/** A text field of the header at `start`, up to its first NUL if it has one. */
export function fieldText(bytes: Uint8Array, start: number, field: Field): ByteString {
  const first = start + field.at;
  let size = 0;
  for (; size < field.size; size++) {
    const byte = bytes[first + size] ?? 0;
    if (byte === 0) break;
    codes[size] = byte;
  }
  codes.length = size;
  return String.fromCharCode.apply(null, codes);
}

const STAR_PREFIX = { at: FIELD.prefix.at, size: STAR_PREFIX_BYTES } as const;
const STAR_TRAILER = { at: STAR_TRAILER_AT, size: 4 } as const;
const USTAR_NAME = { at: FIELD.magic.at, size: 6 } as const;

/** The name of a header; `ustar` headers may keep its beginning in a field of its own. */
export function headerName(bytes: Uint8Array, start: number): ByteString {
  const name = fieldText(bytes, start, FIELD.name);
  if (bytes[start + FIELD.prefix.at] === 0 || !isUstar(bytes, start)) return name;
  const isStar = fieldText(bytes, start, STAR_TRAILER) === "tar";
  return `${fieldText(bytes, start, isStar ? STAR_PREFIX : FIELD.prefix)}/${name}`;
}

/** POSIX writes a NUL after `ustar`, old GNU a space and has other things where the prefix is. */
function isUstar(bytes: Uint8Array, start: number): boolean {
  return fieldText(bytes, start, USTAR_NAME) === "ustar";
}
