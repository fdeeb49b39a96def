/** Numbers in header fields: octal digits, or GNU's base 256 for what octal cannot hold. */

import type { Field } from "./layout.ts";

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;

/**
 * Reads a number field of the header that begins at `start`; an empty field is 0.
 * @returns NaN for what is no number, and for numbers beyond 2^53.
 */
export function readNumber(bytes: Uint8Array, start: number, field: Field): number {
  const first = start + field.at;
  const end = first + field.size;
  if (((bytes[first] ?? 0) & 0x80) !== 0) return readBase256(bytes, first, end);
  let at = first;
  while (at < end && bytes[at] === SPACE) at++;
  let value = 0;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > SEVEN) break;
    value = value * 8 + (byte - ZERO);
  }
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== SPACE && byte !== 0) return Number.NaN;
    // What stands behind the terminating NUL belongs to nobody.
    if (byte === 0) break;
  }
  return value;
}

/** The first byte is 0x80 for a positive number, 0xff for a negative one in two's complement. */
function readBase256(bytes: Uint8Array, first: number, end: number): number {
  const isNegative = bytes[first] === 0xff;
  let value = isNegative ? -1 : (bytes[first] ?? 0) & 0x7f;
  for (let at = first + 1; at < end; at++) {
    value = value * 256 + (bytes[at] ?? 0);
    if (!Number.isSafeInteger(value)) return Number.NaN;
  }
  return value;
}

/** Writes octal digits and a NUL where the number fits, else base 256. */
export function writeNumber(bytes: Uint8Array, start: number, field: Field, value: number): void {
  const first = start + field.at;
  const end = first + field.size;
  const isOctal = value >= 0 && value < 8 ** (field.size - 1);
  let rest = value;
  if (!isOctal) {
    for (let at = end - 1; at > first; at--) {
      const next = Math.floor(rest / 256);
      bytes[at] = rest - next * 256;
      rest = next;
    }
    bytes[first] = value < 0 ? 0xff : 0x80;
    return;
  }
  bytes[end - 1] = 0;
  for (let at = end - 2; at >= first; at--) {
    bytes[at] = ZERO + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}
