/** Headers as texts: HTTP carries bytes, which node gives and takes as Latin-1. */

const STAMPS_PER_S = 100_000;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of bytes that node shows as Latin-1; undefined where they are no UTF-8. */
export function textOfLatin1(value: string): string | undefined {
  try {
    return UTF8.decode(Buffer.from(value, "latin1"));
  } catch {
    return undefined;
  }
}

/** A value as node sends it: the bytes of its UTF-8, without what would end the header. */
export function headerValue(text: string): string {
  const printable = text.replace(/\p{Cc}/gu, (sign) => (sign === "\t" ? sign : "?"));
  return Buffer.from(printable).toString("latin1");
}

/** `x-object-meta-a` as Swift writes it, `X-Object-Meta-A`. */
export function titleCase(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (begin) => begin.toUpperCase());
}

/** Whether a value says yes, in the words that Swift takes. */
export function saysYes(value: string | undefined): boolean {
  return ["true", "1", "yes", "on", "t", "y"].includes((value ?? "").toLowerCase());
}

/** `Last-Modified`: whole seconds, never before the change itself. */
export function httpDate(stamp: number): string {
  return new Date(Math.ceil(stamp / STAMPS_PER_S) * 1000).toUTCString();
}

/** As in listings: `2023-11-14T22:13:20.000010`. */
export function listingDate(stamp: number): string {
  const seconds = Math.floor(stamp / STAMPS_PER_S);
  const micros = String((stamp % STAMPS_PER_S) * 10).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${micros}`;
}
