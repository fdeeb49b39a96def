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

/** Knows line and column of every offset of a text. */
export class TextPlaces {
  readonly #text: string;
  readonly #lineStarts: number[] = [0];
  /** Whether characters and UTF-16 units are the same, as they nearly always are. */
  readonly #isPlain: boolean;

  constructor(text: string) {
    this.#text = text;
    this.#isPlain = !/[\ud800-\udbff]/.test(text);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  place(steps: JsonSteps, at: number): JobPlace {
    const line = this.#lineOf(at);
    const start = this.#lineStarts[line - 1] ?? 0;
    const column = this.#isPlain ? at - start : [...this.#text.slice(start, at)].length;
    return { path: pointerOf(steps), line, column: column + 1 };
  }

  #lineOf(at: number): number {
    let [low, high] = [0, this.#lineStarts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}
