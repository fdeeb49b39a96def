/** A signature is good for a minute, by clocks that may differ by another one. */
const KEPT_MS = 180_000;

/**
 * Signatures that came. Each process of an object server knows those that it saw itself; the
 * worker, which all of them come to, knows all.
 */
export class SeenNonces {
  readonly #nowMs: () => number;
  readonly #seen = new Map<string, number>();

  /** @param nowMs a clock that never goes back */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Takes a nonce down. @returns false where it came before */
  take(nonce: string): boolean {
    const nowMs = this.#nowMs();
    for (const [old, untilMs] of this.#seen) {
      if (untilMs > nowMs) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(nonce)) return false;
    this.#seen.set(nonce, nowMs + KEPT_MS);
    return true;
  }
}
