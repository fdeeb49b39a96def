/** So many tasks run at once and so many wait: memory and processors are not for the asking. */
export class Queue {
  readonly #running: number;
  readonly #waiting: number;
  readonly #waiters: (() => void)[] = [];
  #count = 0;

  constructor(running: number, waiting: number) {
    this.#running = running;
    this.#waiting = waiting;
  }

  /** @returns undefined where too many wait already */
  run<Result>(task: () => Promise<Result>): Promise<Result> | undefined {
    if (this.#count >= this.#running && this.#waiters.length >= this.#waiting) return undefined;
    return this.#wait(task);
  }

  async #wait<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#count >= this.#running) await new Promise<void>((go) => this.#waiters.push(go));
    else this.#count += 1;
    try {
      return await task();
    } finally {
      // The place goes to the next one, if there is one.
      const next = this.#waiters.shift();
      if (next === undefined) this.#count -= 1;
      else next();
    }
  }
}
