import { assert } from "../../base/index.ts";

/** Ten would have been enough until 2004; eleven are until 2527. */
const TIME_DIGITS = 11;
const COUNTER_DIGITS = 3;
const COUNTER_END = 16 ** COUNTER_DIGITS;

/**
 * Makes the ids of jobs: 11 hexadecimal digits of milliseconds since 1970, 3 of the process, 3 of a
 * counter. In one process each is greater than all before it, whatever the clock does; between
 * processes their order is that of the clock.
 */
export class JobIds {
  readonly #nowMs: () => number;
  readonly #origin: string;
  #timeMs = 0;
  #counter = 0;

  /** @param origin three random lower-case hexadecimal digits, the same for all ids of a process */
  constructor(nowMs: () => number, origin: string) {
    assert(/^[0-9a-f]{3}$/.test(origin), "an origin has three hexadecimal digits");
    this.#nowMs = nowMs;
    this.#origin = origin;
  }

  next(): string {
    const nowMs = Math.floor(this.#nowMs());
    if (nowMs > this.#timeMs) {
      this.#timeMs = nowMs;
      this.#counter = 0;
    } else {
      this.#counter += 1;
    }
    if (this.#counter === COUNTER_END) {
      // More jobs than a millisecond has numbers: the next millisecond lends its own.
      this.#timeMs += 1;
      this.#counter = 0;
    }
    const time = this.#timeMs.toString(16).padStart(TIME_DIGITS, "0");
    return `${time}${this.#origin}${this.#counter.toString(16).padStart(COUNTER_DIGITS, "0")}`;
  }
}
