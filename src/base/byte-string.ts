/**
 * Byte strings: names inside a sandbox are arbitrary bytes, not text. We keep them as strings
 * in which every character is one byte (0..255): they compare bytewise, work as map keys and
 * survive JSON. Only what is shown to people is decoded as UTF-8.
 */
export type ByteString = string;

const PIECE_BYTES = 4096;

export function byteStringOf(bytes: Uint8Array, start = 0, end = bytes.length): ByteString {
  if (end - start <= PIECE_BYTES) {
    return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
  }
  let text = "";
  for (let at = start; at < end; at += PIECE_BYTES) {
    text += byteStringOf(bytes, at, Math.min(end, at + PIECE_BYTES));
  }
  return text;
}

export function bytesOf(text: ByteString): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Encodes ordinary text (a host path, an argument) as the byte string of its UTF-8 form. */
export function byteStringOfText(text: string): ByteString {
  return byteStringOf(new TextEncoder().encode(text));
}

/** Decodes a byte string for people and for JSON; malformed UTF-8 becomes U+FFFD. */
export function textOf(bytes: ByteString): string {
  return new TextDecoder("utf-8").decode(bytesOf(bytes));
}

/** Percent escapes decoded once, as `%41` is `A`; what is no escape stays as it is. */
export function percentDecoded(text: ByteString): ByteString {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/**
 * Makes text that came from a guest safe to show: control characters, escapes, bidirectional marks
 * and halves of characters become `\xNN` or `\u{N}`, so that it can neither drive a terminal nor
 * forge a line.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\]/gu, (character) => {
    if (character === "\\") return "\\\\";
    if (character === "\n") return "\\n";
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/**
 * The 1-based column, in characters, of the byte at `offset` of a line of UTF-8: what an editor
 * counts. Bytes that only continue a character are not counted.
 */
export function columnOf(line: ByteString, offset: number): number {
  let column = 1;
  for (let index = 0; index < offset && index < line.length; index++) {
    if ((line.charCodeAt(index) & 0xc0) !== 0x80) column++;
  }
  return column;
}
