import { byteStringOfText, bytesOf, percentDecoded, printable } from "../../base/index.ts";

/**
 * Headers of a request: names in lower case, values as they came, one character for each byte. Of
 * a header that came several times the values are joined as its kind wants.
 */
export type HeaderTable = Readonly<Record<string, string | undefined>>;

/** Texts in the form of headers, one character for each byte. */
export function headersOf(texts: Readonly<Record<string, string>>): HeaderTable {
  const entries = Object.entries(texts);
  return Object.fromEntries(entries.map(([name, value]) => [name, byteStringOfText(value)]));
}

/** The text of a value, which is UTF-8; undefined where it is none. */
export function headerText(value: string): string | undefined {
  return /^[\0-\x7f]*$/.test(value) ? value : utf8Text(bytesOf(value));
}

const SHOWN_CHARACTERS = 80;

/** A value as messages show it, in quotation marks. */
export function shownValue(value: string): string {
  const cut = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  return `"${printable(cut)}"`;
}

/** Undefined where the bytes are no UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text of a value with percent escapes; undefined where it is no UTF-8. */
export function decodedHeader(value: string): string | undefined {
  return headerText(percentDecoded(value));
}

/** The type without its parameters, in lower case: `text/html; charset=x` is `text/html`. */
export function mediaType(contentType: string): string {
  return (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
}
