/** One header: its name as it is sent, and a value of printable ASCII. */
export type Header = readonly [name: string, value: string];

/** The name of a header, as RFC 9110 has it. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function isHeaderName(name: string): boolean {
  return TOKEN.test(name);
}

/** What a list of values cannot hold as it is: what separates, escapes or is no printable ASCII. */
const LISTED = /[^ -~]|[,%]/gu;
const UNPRINTABLE = /[^ -~]/gu;

/** An entry of a list for nothing. */
export const NO_ENTRY = "-";

/** What an entry has at most: a list has one for each of many instances. */
const ENTRY_CHARACTERS_MAX = 500;

/**
 * Text as an entry of a list that commas separate: commas, percent signs and all that is no
 * printable ASCII in percent form, line breaks as blanks, `-` for nothing. No entry is empty, so
 * the entries of one instance stand at the same place in every list.
 */
export function listEntry(text: string): string {
  const line = text.replace(/[\r\n]+/g, " ").trim();
  if (line === "") return NO_ENTRY;
  if (line === NO_ENTRY) return "%2D";
  const cut = [...line.slice(0, 2 * ENTRY_CHARACTERS_MAX)].slice(0, ENTRY_CHARACTERS_MAX).join("");
  return cut.replace(LISTED, inPercents);
}

/** Text as the value of a header by itself: what is no printable ASCII in percent form. */
export function headerValue(text: string): string {
  return text.trim().replace(UNPRINTABLE, inPercents);
}

/** The bytes of UTF-8 of one character; half of a surrogate pair is U+FFFD. */
function inPercents(character: string): string {
  const bytes = [...new TextEncoder().encode(character)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}
