import { printable } from "../../base/index.ts";

/** Letters that take the place of two in a font of even width. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f000}-\u{3ffff}]/u;

const EM_PER_COLUMN = 0.62;

function columnsOf(letter: string): number {
  return WIDE.test(letter) ? 2 : 1;
}

/** About how wide a text is, in the size of its font. */
export function widthOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + columnsOf(letter), 0) * EM_PER_COLUMN;
}

/** A text that takes so many columns at most; the end of a name says more than its middle. */
export function shortened(text: string, columnsMax: number): string {
  const letters = [...printable(text)];
  if (letters.reduce((sum, letter) => sum + columnsOf(letter), 0) <= columnsMax) {
    return letters.join("");
  }
  const half = Math.floor((columnsMax - 1) / 2);
  const start = fitting(letters, half);
  const end = fitting([...letters].reverse(), half).reverse();
  return `${start.join("")}…${end.join("")}`;
}

function fitting(letters: readonly string[], columnsMax: number): string[] {
  let columns = 0;
  const past = letters.findIndex((letter) => {
    columns += columnsOf(letter);
    return columns > columnsMax;
  });
  return letters.slice(0, past < 0 ? letters.length : past);
}
