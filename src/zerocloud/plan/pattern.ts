/**
 * Wildcards: each `*` is any characters, `/` too. Matching takes time in proportion to the name and
 * the pattern, whatever they are. What a `*` takes is as much as the rest leaves it, from left to
 * right: the same that greedy groups of a regular expression take.
 */
export class Pattern {
  /** What every name that matches begins with. */
  readonly prefix: string;
  readonly starCount: number;
  readonly #isOpen: boolean;
  /** What stands before, between and behind the stars. */
  readonly #literals: readonly Literal[];

  /** @param isOpen whether a name may go on behind the end of the pattern. */
  constructor(text: string, isOpen = false) {
    const [first = "", ...others] = text.split("*");
    this.prefix = first;
    this.starCount = others.length;
    this.#isOpen = isOpen;
    this.#literals = others.map((literal) => new Literal(literal));
  }

  /** What each `*` takes of a name; undefined where the name does not match. */
  match(name: string): string[] | undefined {
    if (!name.startsWith(this.prefix)) return undefined;
    if (this.starCount === 0) return this.#isOpen || name === this.prefix ? [] : undefined;
    const captures: string[] = [];
    let end = name.length;
    // The last place of each literal before the next one leaves most to the stars on its left.
    for (let index = this.#literals.length - 1; index >= 0; index -= 1) {
      const literal = this.#literals[index];
      const isAtEnd = index === this.#literals.length - 1 && !this.#isOpen;
      const start = literal?.lastStart(name, this.prefix.length, end, isAtEnd) ?? -1;
      if (start < 0) return undefined;
      const next = this.#literals[index + 1];
      if (next !== undefined) captures.unshift(name.slice(start + (literal?.length ?? 0), end));
      end = start;
    }
    return [name.slice(this.prefix.length, end), ...captures];
  }
}

/** Text that is looked for from the right, as Knuth, Morris and Pratt do. */
class Literal {
  readonly length: number;
  readonly #reversed: string;
  /** For each length of a match, the next shorter one that can still become whole. */
  readonly #shorter: Int32Array;

  constructor(text: string) {
    this.length = text.length;
    let reversed = "";
    for (let at = text.length - 1; at >= 0; at -= 1) reversed += text[at];
    this.#reversed = reversed;
    this.#shorter = new Int32Array(text.length + 1);
    for (let at = 1, matched = 0; at < text.length; at += 1) {
      matched = this.#extend(matched, reversed[at]);
      this.#shorter[at + 1] = matched;
    }
  }

  /** Where the text begins for the last time between two places of a name; -1 where it does not. */
  lastStart(name: string, start: number, end: number, isAtEnd: boolean): number {
    if (this.length === 0) return end;
    let matched = 0;
    const least = isAtEnd ? Math.max(start, end - this.length) : start;
    for (let at = end - 1; at >= least; at -= 1) {
      matched = this.#extend(matched, name[at]);
      if (matched === this.length) return at;
    }
    return -1;
  }

  #extend(matched: number, unit: string | undefined): number {
    let length = matched;
    while (length > 0 && this.#reversed[length] !== unit) length = this.#shorter[length] ?? 0;
    return this.#reversed[length] === unit ? length + 1 : 0;
  }
}

/** Puts texts in the place of the stars, from left to right; undefined where there are too few. */
export function fillStars(text: string, captures: readonly string[]): string | undefined {
  const pieces = text.split("*");
  if (pieces.length - 1 > captures.length) return undefined;
  return pieces.map((piece, index) => (index === 0 ? piece : captures[index - 1] + piece)).join("");
}
