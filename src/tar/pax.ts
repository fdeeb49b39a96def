/**
 * Records that go before a member and change how it is read: pax `LENGTH KEY=VALUE\n` lists,
 * and GNU's long names. Only the keys that a file system needs are taken; others are skipped.
 */

import { type ByteString, byteStringOf } from "../base/index.ts";
import { type Fail, shownName } from "./tar-error.ts";

/** More than any honest name or list of attributes needs. */
export const EXTENSION_BYTES_MAX = 2 ** 20;

/** What the records before a member say of it; what is not there comes from its header. */
export interface Extension {
  path?: ByteString;
  link?: ByteString;
  sizeBytes?: number;
  mtime?: Timestamp;
  /** The member is stored with holes, under this name where one is given. */
  sparse?: ByteString;
}

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const ZERO = 0x30;
const NINE = 0x39;

/** Adds the records in `bytes` to `extension`; an empty value takes back what was said before. */
export function readPaxRecords(bytes: Uint8Array, extension: Extension, fail: Fail): void {
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    let length = 0;
    for (; at < bytes.length && at - start < 8; at++) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      length = length * 10 + digit;
    }
    const end = start + length;
    if (at === start || bytes[at] !== SPACE || end <= at + 1 || end > bytes.length) {
      fail("a pax record has a wrong length");
    }
    if (bytes[end - 1] !== NEWLINE) fail("a pax record does not end where its length says");
    const equals = bytes.indexOf(EQUALS, at + 1);
    if (equals < 0 || equals >= end) fail("a pax record has no '='");
    const key = byteStringOf(bytes, at + 1, equals);
    takeRecord(key, bytes.subarray(equals + 1, end - 1), extension, fail);
    at = end;
  }
}

function takeRecord(key: ByteString, value: Uint8Array, extension: Extension, fail: Fail): void {
  if (key === "path") assign(extension, "path", byteStringOf(value));
  else if (key === "linkpath") assign(extension, "link", byteStringOf(value));
  else if (key === "size") assign(extension, "sizeBytes", wholeNumber(value, "size", fail));
  else if (key === "mtime") assign(extension, "mtime", timestamp(value, fail));
  else if (key.startsWith("GNU.sparse.")) {
    extension.sparse = key === "GNU.sparse.name" ? byteStringOf(value) : (extension.sparse ?? "");
  }
}

function assign<Key extends keyof Extension>(
  extension: Extension,
  key: Key,
  value: Extension[Key] | undefined,
): void {
  if (value === undefined || value === "") delete extension[key];
  else extension[key] = value;
}

/** Decimal digits as a number; `undefined` for no digits at all. */
function wholeNumber(value: Uint8Array, key: string, fail: Fail): number | undefined {
  if (value.length === 0) return undefined;
  const number = digits(value, 0, value.length);
  if (Number.isSafeInteger(number)) return number;
  return fail(`the pax record '${key}' is no usable number: '${shownName(byteStringOf(value))}'`);
}

/** NaN when there is anything but digits, or nothing; too many of them give an unsafe number. */
function digits(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return Number.NaN;
  let number = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    number = number * 10 + (byte - ZERO);
  }
  return number;
}

/** Seconds with an optional sign and fraction; digits beyond nanoseconds are cut off. */
function timestamp(value: Uint8Array, fail: Fail): Timestamp | undefined {
  if (value.length === 0) return undefined;
  const isNegative = value[0] === 0x2d;
  const dot = value.indexOf(0x2e);
  const end = dot < 0 ? value.length : dot;
  const seconds = digits(value, isNegative ? 1 : 0, end);
  const fraction = dot < 0 ? 0 : fractionNanos(value, dot + 1);
  if (!Number.isSafeInteger(seconds) || Number.isNaN(fraction)) {
    fail(`the pax record 'mtime' is no usable time: '${shownName(byteStringOf(value))}'`);
  }
  if (!isNegative) return { seconds, nanos: fraction };
  // Before 1970 the fraction still counts forward, from the second before.
  return fraction === 0
    ? { seconds: 0 - seconds, nanos: 0 }
    : { seconds: -seconds - 1, nanos: 1e9 - fraction };
}

function fractionNanos(value: Uint8Array, start: number): number {
  if (start === value.length) return 0;
  const shown = Math.min(value.length, start + 9);
  if (Number.isNaN(digits(value, start, value.length))) return Number.NaN;
  return digits(value, start, shown) * 10 ** (9 - (shown - start));
}

/** The name in a GNU `L` or `K` record: it ends with one NUL or more, and holds none. */
export function readLongName(bytes: Uint8Array, fail: Fail): ByteString {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  if (end === 0) fail("a GNU long name is empty");
  return byteStringOf(bytes, 0, end);
}
