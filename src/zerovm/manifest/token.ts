import { type ByteString, columnOf } from "../../base/index.ts";
import type { Place } from "./manifest.ts";

/** A piece of a line that knows where it stands. */
export interface Token {
  readonly text: ByteString;
  /** Of its first byte in the line. */
  readonly offset: number;
}

/** One line of the text; the last one may hold line feeds. */
export interface Line {
  /** 1-based. */
  readonly number: number;
  readonly text: ByteString;
}

/** The blanks that the original drops around keys and values. */
const LEADING_BLANKS = /^[ \t\n\f\r]+/;
const BLANKS = " \t\n\f\r";

export function trimToken(token: Token): Token {
  const lead = LEADING_BLANKS.exec(token.text)?.[0].length ?? 0;
  let end = token.text.length;
  // Not a regular expression: one for trailing blanks takes quadratic time on hostile lines.
  while (end > lead && BLANKS.includes(token.text.charAt(end - 1))) end--;
  return { text: token.text.slice(lead, end), offset: token.offset + lead };
}

/** Splits at `separator` into at most `countMax` trimmed parts; the last keeps what is left. */
export function splitToken(token: Token, separator: string, countMax: number): Token[] {
  const parts: Token[] = [];
  let start = 0;
  while (parts.length < countMax - 1) {
    const end = token.text.indexOf(separator, start);
    if (end < 0) break;
    parts.push(trimToken({ text: token.text.slice(start, end), offset: token.offset + start }));
    start = end + 1;
  }
  parts.push(trimToken({ text: token.text.slice(start), offset: token.offset + start }));
  return parts;
}

/**
 * The place of an offset in a line. In the last, joined line it is found among the lines that
 * the file really has.
 */
export function placeIn(line: Line, offset: number): Place {
  const before = line.text.lastIndexOf("\n", offset - 1);
  if (offset === 0 || before < 0) {
    return { line: line.number, column: columnOf(line.text, offset) };
  }
  let number = line.number;
  for (let at = line.text.indexOf("\n"); at >= 0 && at <= before; ) {
    number++;
    at = line.text.indexOf("\n", at + 1);
  }
  const last = line.text.slice(before + 1);
  return { line: number, column: columnOf(last, offset - before - 1) };
}
