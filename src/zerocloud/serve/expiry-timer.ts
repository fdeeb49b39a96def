import type { Log } from "../log/index.ts";
import type { Store } from "../store/index.ts";

const EVERY_MS = 60_000;

/** Removes objects whose time is over now and then; for readers they are gone at once. */
export class ExpiryTimer {
  readonly #store: Store;
  readonly #log: Log;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, log: Log, everyMs = EVERY_MS) {
    this.#store = store;
    this.#log = log;
    this.#everyMs = everyMs;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#round(), this.#everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #round(): Promise<void> {
    try {
      const removed = await this.#store.objects.expire();
      if (removed > 0) {
        const text = `Removed ${removed} objects whose time was over`;
        this.#log.write({ kind: "event", level: "info", text });
      }
    } catch (cause) {
      this.#log.write({ kind: "failure", text: "Removing objects that are over failed", cause });
    }
    if (this.#timer !== undefined) this.start();
  }
}
