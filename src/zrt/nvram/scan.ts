import { type ByteString, columnOf, type Diagnostic, printable, textOf } from "../../base/index.ts";

/** One `key=value` of a record, trimmed. */
export interface Pair {
  readonly key: ByteString;
  readonly value: ByteString;
  readonly keyOffset: number;
  readonly valueOffset: number;
}

/** A line of the text, and what is left of it without its comment. */
export interface RecordLine {
  /** 1-based. */
  readonly number: number;
  readonly text: ByteString;
  readonly content: ByteString;
}

/** One header with the lines below it. */
export interface Section {
  readonly name: ByteString;
  /** The line of the header. */
  readonly number: number;
  readonly text: ByteString;
  readonly records: readonly RecordLine[];
}

/** Takes a warning about something on a line. */
export type Warn = (
  line: Pick<RecordLine, "number" | "text">,
  offset: number,
  message: string,
  more?: { readonly expected?: string; readonly hint?: string },
) => void;

/** Collects warnings with line and column. */
export function warnInto(diagnostics: Diagnostic[]): Warn {
  return (line, offset, message, more = {}) => {
    const column = columnOf(line.text, offset);
    diagnostics.push({ severity: "warning", message, line: line.number, column, ...more });
  };
}

const SHOWN_CHARACTERS = 60;

/** A piece of the input, safe to print and not too long. */
export function shown(bytes: ByteString): string {
  const text = textOf(bytes);
  const isLong = text.length > SHOWN_CHARACTERS;
  return printable(isLong ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
}

interface Trimmed {
  readonly text: ByteString;
  readonly offset: number;
}

/** Drops spaces and tabs on both ends, and nothing else: a carriage return stays. */
function trim(text: ByteString, offset: number): Trimmed {
  let start = 0;
  let end = text.length;
  const isBlank = (at: number): boolean => text[at] === " " || text[at] === "\t";
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return { text: text.slice(start, end), offset: offset + start };
}

const HEADER = /^\[([^\]]*)\](.*)$/s;

/**
 * Cuts the text into sections and records. A `#` starts a comment wherever it stands, and a line
 * feed always ends a record.
 */
export function scanSections(text: ByteString, warn: Warn): Section[] {
  const sections: OpenSection[] = [];
  let hasReturn = false;
  for (const [index, whole] of text.split("\n").entries()) {
    const comment = whole.indexOf("#");
    const content = comment < 0 ? whole : whole.slice(0, comment);
    const line = { number: index + 1, text: whole, content };
    if (!hasReturn && content.endsWith("\r")) {
      hasReturn = true;
      warn(line, content.length - 1, "A carriage return at the end becomes part of the value", {
        hint: "Write the file with line feeds only",
      });
    }
    const header = HEADER.exec(content);
    if (header === null) {
      keepRecord(line, sections.at(-1), warn);
      continue;
    }
    const [, name = "", rest = ""] = header;
    if (!isEmpty(trim(rest, 0).text)) {
      warn(line, content.length - rest.length, "Text behind a section header is ignored");
    }
    sections.push({ ...line, name: trim(name, 0).text, records: [] });
  }
  return sections;
}

type OpenSection = Section & { readonly records: RecordLine[] };

function isEmpty(text: ByteString): boolean {
  return text === "" || text === "\r";
}

function keepRecord(line: RecordLine, section: OpenSection | undefined, warn: Warn): void {
  const { text, offset } = trim(line.content, 0);
  if (isEmpty(text)) return;
  if (text.startsWith("[")) {
    const isIndented = offset > 0 && text.includes("]");
    warn(line, offset, "This is no section header, and the line is ignored", {
      expected: isIndented ? "[ as the first character of the line" : "[NAME] on one line",
    });
  } else if (section === undefined) {
    warn(line, offset, "Text before the first section is ignored", { expected: "[NAME]" });
  } else {
    section.records.push(line);
  }
}

/** Cuts a record at its commas and each pair at its first `=`. */
export function scanPairs(line: RecordLine, warn: Warn): Pair[] {
  const pairs: Pair[] = [];
  let offset = 0;
  for (const part of line.content.split(",")) {
    const equals = part.indexOf("=");
    const key = trim(equals < 0 ? part : part.slice(0, equals), offset);
    if (equals >= 0) {
      const value = trim(part.slice(equals + 1), offset + equals + 1);
      const keyOffset = key.offset;
      pairs.push({ key: key.text, value: value.text, keyOffset, valueOffset: value.offset });
    } else if (!isEmpty(key.text)) {
      const hint = "A comma ends a value: write \\x2c for one inside";
      warn(line, key.offset, `Text without = is ignored: ${shown(key.text)}`, {
        expected: "KEY=VALUE",
        ...(pairs.length > 0 ? { hint } : {}),
      });
    }
    offset += part.length + 1;
  }
  return pairs;
}
