import type { ByteString } from "../../base/index.ts";
import { shown } from "./finding.ts";
import { type Collected, LineReport } from "./line-report.ts";
import { KEYWORDS, type Keyword, MANIFEST_LINES_MAX } from "./manifest.ts";
import { type Line, type Token, trimToken } from "./token.ts";

/** A line that sets a keyword. */
export interface Setting {
  readonly keyword: Keyword;
  readonly key: Token;
  /** Trimmed. */
  readonly value: Token;
  /** All that stood behind the `=`. */
  readonly rawValue: Token;
  readonly line: Line;
}

/** The lines as the original counts them: what follows line 8191 is one single line. */
export function* linesOf(text: ByteString): Generator<Line> {
  let start = 0;
  let number = 1;
  for (; number <= MANIFEST_LINES_MAX; number++) {
    const end = text.indexOf("\n", start);
    if (end < 0) break;
    yield { number, text: text.slice(start, end) };
    start = end + 1;
  }
  yield { number, text: text.slice(start) };
}

/**
 * The setting of a line: one `=`, and a keyword in front of it. Any other line is ignored, and
 * warned about where it looks as if it was meant.
 */
export function settingOf(line: Line, collected: Collected): Setting | undefined {
  const equals = line.text.indexOf("=");
  const isSingle = equals >= 0 && line.text.indexOf("=", equals + 1) < 0;
  const key = trimToken({ text: equals < 0 ? "" : line.text.slice(0, equals), offset: 0 });
  const keyword = KEYWORDS.find((word) => word === key.text);
  if (keyword !== undefined && isSingle) {
    const rawValue = { text: line.text.slice(equals + 1), offset: equals + 1 };
    return { keyword, key, rawValue, value: trimToken(rawValue), line };
  }
  warnIfMeant(line, { equals, isSingle, key }, new LineReport(line, collected, false));
  return undefined;
}

interface Look {
  /** Offset of the first `=`, or -1. */
  readonly equals: number;
  readonly isSingle: boolean;
  readonly key: Token;
}

/** Blank lines, and lines that only say something to people. */
const DECORATION = /^[ \t\f\r]*(?:[#=]|$)/;

function warnIfMeant(line: Line, look: Look, report: LineReport): void {
  if (line.text.includes("\n")) {
    warnJoined(line, report);
    return;
  }
  if (DECORATION.test(line.text)) return;
  if (look.equals < 0) {
    warnWithoutEquals(line, report);
    return;
  }
  const { key, isSingle, equals } = look;
  const meant = likeKeyword(key.text);
  if (isSingle) {
    const hint = meant === undefined ? {} : { hint: `Keywords are exact: write ${meant}` };
    report.warning(key, `Unknown keyword ${shown(key.text)}: the line is ignored`, hint);
  } else if (meant !== undefined) {
    const second = { text: "=", offset: line.text.indexOf("=", equals + 1) };
    report.warning(second, `The value of ${meant} has a =: the whole line is ignored`, {
      hint: "A manifest cannot hold = in a value: rename the file, or give it a symbolic link",
    });
  }
}

function warnJoined(line: Line, report: LineReport): void {
  if (trimToken({ text: line.text, offset: 0 }).text === "") return;
  const message = `Lines from ${MANIFEST_LINES_MAX + 1} on are one single line and are ignored`;
  report.warning({ text: line.text, offset: 0 }, message);
}

function warnWithoutEquals(line: Line, report: LineReport): void {
  const word = trimToken({ text: /^[\s]*[A-Za-z]+/.exec(line.text)?.[0] ?? "", offset: 0 });
  const keyword = KEYWORDS.find((known) => known === word.text);
  if (keyword === undefined) return;
  report.warning(word, `The line of ${keyword} has no =: it is ignored`, {
    expected: `${keyword} = VALUE`,
  });
}

/** The keyword that was probably meant: other case, or one letter off. */
function likeKeyword(text: ByteString): Keyword | undefined {
  const lower = text.toLowerCase();
  return KEYWORDS.find((word) => isOneEditAway(lower, word.toLowerCase()));
}

function isOneEditAway(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  const rests = [
    [one.slice(same + 1), other.slice(same + 1)],
    [one.slice(same), other.slice(same + 1)],
    [one.slice(same + 1), other.slice(same)],
  ];
  return one === other || rests.some(([left, right]) => left === right);
}
