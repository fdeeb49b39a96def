import type { ByteString } from "../../base/index.ts";

export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;

/** Where reading stopped: `tail` is what was left, and starts at `tailOffset` of the text. */
export interface BadNumber {
  readonly kind: "bad";
  readonly tail: ByteString;
  readonly tailOffset: number;
}

export type NumberReading = { readonly kind: "number"; readonly value: bigint } | BadNumber;

const NUMBER = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/;

/** More digits than any number of 64 bits has in any base: not worth converting. */
const DIGITS_MAX = 24;

/**
 * Reads a number by the rules of C's base 0: `10`, `0x1F`, leading `0` for octal, an optional
 * sign. No text at all is 0. Overflow and text behind the number are errors, told by what was
 * left unread.
 * @param text without blanks around it.
 */
export function parseNumber(
  text: ByteString,
  minimum = INT64_MIN,
  maximum = INT64_MAX,
): NumberReading {
  if (text === "") return { kind: "number", value: 0n };
  const match = NUMBER.exec(text);
  if (match === null) return { kind: "bad", tail: text, tailOffset: 0 };
  const [whole, sign = "", digits = "0"] = match;
  const tail: BadNumber = { kind: "bad", tail: text.slice(whole.length), tailOffset: whole.length };
  if (tail.tail !== "") return tail;
  const value = digitsValue(digits);
  if (value === undefined) return tail;
  const signed = sign === "-" ? -value : value;
  return signed < minimum || signed > maximum ? tail : { kind: "number", value: signed };
}

function digitsValue(digits: string): bigint | undefined {
  const isHex = /^0[xX]/.test(digits);
  const isOctal = !isHex && digits.startsWith("0");
  const significant = digits.slice(isHex ? 2 : 0).replace(/^0+/, "");
  if (significant.length > DIGITS_MAX) return undefined;
  if (significant === "") return 0n;
  return BigInt((isHex ? "0x" : isOctal ? "0o" : "") + significant);
}

const SUFFIXES: Readonly<Record<string, bigint>> = {
  K: 2n ** 10n,
  M: 2n ** 20n,
  G: 2n ** 30n,
  T: 2n ** 40n,
};

/** Reads a number that is there and not negative; undefined for anything else. */
export function parseCount(text: ByteString): bigint | undefined {
  const number = parseNumber(text, 0n);
  return text === "" || number.kind === "bad" ? undefined : number.value;
}

/**
 * Reads a size: a count, where `K`, `M`, `G` or `T` behind it multiplies by 1024 to the power
 * of one to four. Also serves `--memory` and `--limit`.
 * @returns undefined for anything else.
 */
export function parseSize(text: ByteString): bigint | undefined {
  const factor = SUFFIXES[text.slice(-1).toUpperCase()];
  if (factor === undefined) return parseCount(text);
  const count = parseCount(text.slice(0, -1).trimEnd());
  return count === undefined ? undefined : count * factor;
}
