/**
 * Time of a change in units of 10 microseconds since 1970, which is what Swift's `X-Timestamp`
 * shows with five decimals.
 */
export type Stamp = number;

const STAMPS_PER_MS = 100;

/** Gives each change a later stamp than every change before it, also when the clock goes back. */
export class Stamps {
  readonly #nowMs: () => number;
  #last = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** @param after stamp of what is replaced, which an earlier process may have given */
  next(after: Stamp = 0): Stamp {
    const now = Math.floor(this.#nowMs() * STAMPS_PER_MS);
    this.#last = Math.max(now, this.#last + 1, after + 1);
    return this.#last;
  }

  /** Seconds since 1970. */
  nowS(): number {
    return Math.floor(this.#nowMs() / 1000);
  }
}

/** As in `X-Timestamp`: `1700000000.00000`. */
export function formatStamp(stamp: Stamp): string {
  const digits = String(stamp).padStart(6, "0");
  return `${digits.slice(0, -5)}.${digits.slice(-5)}`;
}
