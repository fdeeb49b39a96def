/** One limit of time after another for the same thing; only the latest counts. */
export class Patience {
  readonly #over: (why: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;
  #passed: string | undefined;

  /** @param over told why, once, when a limit has passed */
  constructor(over: (why: string) => void) {
    this.#over = over;
  }

  /** From now on so long. */
  within(limitMs: number, why: string): void {
    clearTimeout(this.#timer);
    if (!this.#isEnded) this.#timer = setTimeout(() => this.#end(why), limitMs);
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }

  /** Why it is over; undefined where no limit has passed. */
  get passed(): string | undefined {
    return this.#passed;
  }

  #end(why: string): void {
    this.end();
    this.#passed = why;
    this.#over(why);
  }
}
