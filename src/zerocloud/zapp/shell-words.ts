/** Why a line of shell words is none. */
export type ShellFault = "single quote" | "double quote" | "backslash";

export type ShellWords = { readonly words: readonly string[] } | { readonly open: ShellFault };

/**
 * Splits a line into words by the rules of a POSIX shell: blanks part words, quotes and backslashes
 * keep them together. Nothing is expanded, and `#` is a character like others.
 */
export function shellWords(line: string): ShellWords {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    const character = line.charAt(at);
    if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    const piece = readPiece(line, at);
    if ("open" in piece) return piece;
    word = (word ?? "") + piece.text;
    at = piece.end;
  }
  if (word !== undefined) words.push(word);
  return { words };
}

type Piece = { readonly text: string; readonly end: number } | { readonly open: ShellFault };

/** One character, escape or quoted part of a word. */
function readPiece(line: string, at: number): Piece {
  const character = line.charAt(at);
  if (character === "'") {
    const end = line.indexOf("'", at + 1);
    return end < 0 ? { open: "single quote" } : { text: line.slice(at + 1, end), end: end + 1 };
  }
  if (character === '"') return readDoubleQuoted(line, at + 1);
  if (character !== "\\") return { text: character, end: at + 1 };
  if (at + 1 === line.length) return { open: "backslash" };
  const next = line.charAt(at + 1);
  return { text: next === "\n" ? "" : next, end: at + 2 };
}

function readDoubleQuoted(line: string, start: number): Piece {
  const parts: string[] = [];
  for (let at = start; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '"') return { text: parts.join(""), end: at + 1 };
    const next = line.charAt(at + 1);
    if (character !== "\\" || !/["\\$`\n]/.test(next)) {
      parts.push(character);
      continue;
    }
    if (next !== "\n") parts.push(next);
    at += 1;
  }
  return { open: "double quote" };
}
