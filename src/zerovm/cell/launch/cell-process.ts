import { closeSync, writeSync } from "node:fs";
import { killProcess, type ProcessEnd, reapProcess } from "../../libc/index.ts";
import type { LaunchedCell } from "./launched-cell.ts";
import type { Listen, Wire } from "./wires.ts";

const LAST_WORDS_BYTES = 8192;
/** How long a process that was killed, or hung up, may take to be gone. */
const REAP_MS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/** What the host knows of one process of a cell until it is gone. */
export class CellProcess {
  readonly #launched: LaunchedCell;
  readonly #wires: Wire[] = [];
  #words: Buffer = Buffer.alloc(0);
  #end: ProcessEnd | undefined;
  #isReaping = false;
  #isOpen = true;
  #hasWords = true;
  #hasLifeline = true;
  #hasStop = true;
  #waiting: ((end: ProcessEnd) => void)[] = [];

  constructor(launched: LaunchedCell, listen: Listen, onBytes: (bytes: Uint8Array) => void) {
    this.#launched = launched;
    const onEnd = (): void => this.expectEnd();
    this.#wires.push(
      listen(launched.control, { onBytes, onEnd }),
      listen(launched.words, {
        onBytes: (bytes) => {
          this.#words = Buffer.concat([this.#words, bytes]).subarray(-LAST_WORDS_BYTES);
        },
        onEnd: () => {
          this.#hasWords = false;
        },
      }),
    );
  }

  /** The last of what the process wrote to its standard error. */
  get lastWords(): string {
    return this.#words.toString("utf8");
  }

  /** Asks the session to end in order. */
  interrupt(): void {
    if (!this.#isOpen || !this.#hasStop) return;
    try {
      writeSync(this.#launched.stop, "s");
    } catch {
      // It is gone, or was asked so often that nothing more fits.
    }
  }

  /** Gives our ends away: copies of them are with somebody else, who ends the process. */
  handOver(): void {
    this.close();
    this.#letGo();
    this.expectEnd(Number.POSITIVE_INFINITY);
  }

  /** Ends the process at once; it is taken note of in the background. */
  kill(): void {
    this.#cut();
    this.expectEnd();
  }

  /** Whether the process that we made has ended by now, though something may speak for it still. */
  hasEnded(): boolean {
    return this.#launched.pid !== undefined && this.#reaped() !== undefined;
  }

  /** Resolves when the process is gone and its last words were heard. */
  gone(): Promise<ProcessEnd> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Closes our ends of all that connects us. */
  close(): void {
    for (const wire of this.#wires) wire.destroy();
    this.#isOpen = false;
    this.#hasWords = false;
    if (!this.#isBorrowed) this.#closeStop();
  }

  get #isBorrowed(): boolean {
    return this.#launched.pid === undefined;
  }

  /** For the cell that is a signal to end. */
  #closeStop(): void {
    if (this.#hasStop) closeSync(this.#launched.stop);
    this.#hasStop = false;
  }

  /** For the cell that is its end. */
  #letGo(): void {
    this.#closeStop();
    if (this.#hasLifeline) closeSync(this.#launched.lifeline);
    this.#hasLifeline = false;
  }

  /** The process that we made may be one between: the lifeline reaches the cell itself. */
  #cut(): void {
    this.#letGo();
    const { pid } = this.#launched;
    if (this.#end === undefined && pid !== undefined) killProcess(pid);
  }

  /** It said all, or hung up: takes note of its end, and kills it when that does not come. */
  expectEnd(patienceTurns = GIVE_UP_TURN): void {
    if (this.#isReaping) return;
    this.#isReaping = true;
    this.#look(0, patienceTurns);
  }

  /** Somebody else's child is that one's to take note of. */
  #reaped(): ProcessEnd | undefined {
    const { pid } = this.#launched;
    this.#end ??= pid === undefined ? UNKNOWN_END : reapProcess(pid);
    return this.#end;
  }

  #look(turn: number, patienceTurns: number): void {
    const end = this.#reaped();
    // Somebody else may hold the pipe of the last words open.
    if (end === undefined || (this.#hasWords && turn < patienceTurns)) {
      // A process that hung up and goes on is of no use to anybody.
      if (end === undefined && turn === patienceTurns) this.#cut();
      const delayMs = REAP_MS[Math.min(turn, REAP_MS.length - 1)];
      const next = setTimeout(() => this.#look(turn + 1, patienceTurns), delayMs);
      // A cell that was given away goes on without us.
      if (patienceTurns === Number.POSITIVE_INFINITY) next.unref();
      return;
    }
    // A borrowed one ends by itself, and takes a processor for it which others wait for: who has
    // nothing else to do is gone before that.
    if (this.#isBorrowed) setTimeout(() => this.#letGo(), BORROWED_MS).unref();
    else this.#cut();
    for (const resolve of this.#waiting.splice(0)) resolve(end);
  }
}

/** What a borrowed cell may take to end by itself. */
const BORROWED_MS = 100;

const UNKNOWN_END: ProcessEnd = { status: undefined, signal: undefined };

/** After about two seconds. */
const GIVE_UP_TURN = 11;
