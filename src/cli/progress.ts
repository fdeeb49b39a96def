/**
 * One line of progress on a terminal's standard error, rewritten in place; elsewhere nothing.
 * Work that ends within a moment shows none.
 */
export class ProgressLine {
  readonly #what: string;
  readonly #startMs = performance.now();
  #shownMs = 0;

  constructor(what: string) {
    this.#what = what;
  }

  update(done: number, total: number, detail: string): void {
    const nowMs = performance.now();
    const isEarly = nowMs - this.#startMs < DELAY_MS;
    if (!process.stderr.isTTY || isEarly || nowMs - this.#shownMs < STEP_MS) return;
    this.#shownMs = nowMs;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const filled = Math.round(share * BAR_WIDTH);
    const bar = "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled);
    const percent = `${Math.round(share * 100)}%`.padStart(4);
    process.stderr.write(`\r\x1b[K${this.#what} [${bar}]${percent} ${detail}`);
  }

  end(): void {
    if (this.#shownMs > 0) process.stderr.write("\r\x1b[K");
  }
}

const DELAY_MS = 300;
const STEP_MS = 100;
const BAR_WIDTH = 30;
