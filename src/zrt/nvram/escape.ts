import type { ByteString } from "../../base/index.ts";

const ESCAPE = /\\x([0-9a-fA-F]{2})/g;

/** Whether a value cannot hold a byte as it is: controls, comma, quote, backslash, `#`. */
function isUnsafe(byte: string): boolean {
  return byte < " " || byte === "\x7f" || '",\\#'.includes(byte);
}

function escaped(byte: string): ByteString {
  return `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/**
 * Decodes `\xHH`; anything else that begins with a backslash stays as it is. A decoded NUL ends
 * the text, as it ends every argument and variable of a C program.
 */
export function unescapeText(text: ByteString): { text: ByteString; isCut: boolean } {
  const whole = text.replace(ESCAPE, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  const nul = whole.indexOf("\0");
  return nul < 0 ? { text: whole, isCut: false } : { text: whole.slice(0, nul), isCut: true };
}

/** Encodes the value of an environment variable; only blanks on its ends would be lost. */
export function escapeValue(text: ByteString): ByteString {
  return text
    .replace(/[\s\S]/g, (byte) => (isUnsafe(byte) ? escaped(byte) : byte))
    .replace(/^ | $/g, escaped);
}

/** Encodes one argument: blanks would split it. */
export function escapeArgument(text: ByteString): ByteString {
  if (text === "") return '""';
  const isKept = (byte: string): boolean => byte !== " " && !isUnsafe(byte);
  return text.replace(/[\s\S]/g, (byte) => (isKept(byte) ? byte : escaped(byte)));
}
