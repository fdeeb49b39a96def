/** Headers as texts: HTTP carries bytes, which node gives and takes as Latin-1. */

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
