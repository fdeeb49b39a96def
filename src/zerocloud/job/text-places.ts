import { type JsonSteps, pointerOf } from "./json-value.ts";

/** Where a part of a job stands. */
export interface JobPlace {
  /** JSON pointer, as `/0/devices/2/path`; empty for the whole job. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in characters. */
  readonly column: number;
}

/** Knows line and column of every offset of a text, however many are asked for. */
export class TextPlaces {
  /** Offsets at which lines begin. */
  readonly #lineStarts: readonly number[];
  /** Offsets of the characters that take two units. */
  readonly #wide: readonly number[];

  constructor(text: string) {
    this.#lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    this.#wide = [...text.matchAll(/[\u{10000}-\u{10ffff}]/gu)].map(({ index }) => index);
  }

  place(steps: JsonSteps, at: number): JobPlace {
    const line = countUpTo(this.#lineStarts, at);
    const start = this.#lineStarts[line - 1] ?? 0;
    const wideCount = countUpTo(this.#wide, at - 1) - countUpTo(this.#wide, start - 1);
    return { path: pointerOf(steps), line, column: at - start - wideCount + 1 };
  }
}

/** How many of the sorted offsets are not behind one. */
function countUpTo(offsets: readonly number[], last: number): number {
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}
