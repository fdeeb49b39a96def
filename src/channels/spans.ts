/**
 * Pieces of guest memory that one transfer fills or empties in order: start and size of each, one
 * after the other, as a guest gives them to a scattered read or a gathered write.
 */
export type Spans = ArrayLike<number>;

export function spanStart(spans: Spans, index: number): number {
  return spans[2 * index] ?? 0;
}

export function spanSize(spans: Spans, index: number): number {
  return spans[2 * index + 1] ?? 0;
}

/** The sum of the sizes of the first `count` spans. */
export function spansSize(spans: Spans, count: number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += spanSize(spans, index);
  return sum;
}

/** Calls `visit` for the pieces that hold the first `size` bytes, in order. */
export function visitSpans(
  spans: Spans,
  count: number,
  size: number,
  visit: (start: number, size: number, before: number) => void,
): void {
  let before = 0;
  for (let index = 0; index < count && before < size; index++) {
    const part = Math.min(spanSize(spans, index), size - before);
    if (part > 0) visit(spanStart(spans, index), part, before);
    before += part;
  }
}

/** Where `bytes` that arrive piece by piece go to. */
export class SpanWriter {
  readonly #memory: Uint8Array;
  readonly #spans: Spans;
  readonly #count: number;
  #index = 0;
  #filled = 0;

  constructor(memory: Uint8Array, spans: Spans, count: number) {
    this.#memory = memory;
    this.#spans = spans;
    this.#count = count;
  }

  /** The caller never adds more than the spans hold. */
  add(bytes: Uint8Array): void {
    let taken = 0;
    while (taken < bytes.length && this.#index < this.#count) {
      const room = spanSize(this.#spans, this.#index) - this.#filled;
      const part = Math.min(room, bytes.length - taken);
      const at = spanStart(this.#spans, this.#index) + this.#filled;
      this.#memory.set(bytes.subarray(taken, taken + part), at);
      taken += part;
      this.#filled += part;
      if (part === room) {
        this.#index += 1;
        this.#filled = 0;
      }
    }
  }
}
