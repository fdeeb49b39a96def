import { availableParallelism } from "node:os";
import type { CellPool } from "../pool/index.ts";
import { HostProcess } from "./host-process.ts";

export interface HostPoolOptions {
  /** Hosts that are to wait at any time, at least 1. */
  readonly size: number;
  /** Where each of them gets its cell. */
  readonly cells: CellPool;
  /** Seconds after which a pool that nobody asked keeps only one host; never unless given. */
  readonly idleSeconds?: number;
}

/** Hosts that are started at the same time. */
const STARTING_MAX = availableParallelism();
/** How long after a host was taken the next one is started: most sessions have ended by then. */
const REFILL_MS = 100;
/** After so many in a row that died as they were started, none is started until somebody asks. */
const FAILURES_MAX = 3;

/**
 * Processes of the command line that are loaded, each with a cell of its own, and wait for a
 * command. Each runs one, and is replaced off the way of whoever took it.
 */
export class HostPool {
  readonly #options: HostPoolOptions;
  readonly #waiting: HostProcess[] = [];
  /** Those that cannot take a client yet, or find out whether they can. */
  readonly #starting = new Set<HostProcess>();
  readonly #taken = new Set<HostProcess>();
  #target: number;
  #failures = 0;
  #isClosed = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: HostPoolOptions) {
    this.#options = options;
    this.#target = options.size;
    this.#refill();
    this.#armIdle();
  }

  /** How many wait for a client. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Hands the connection of a client to a host that waits.
   * @returns false where there is none
   */
  pass(connection: number): boolean {
    this.#wanted();
    for (;;) {
      const host = this.#waiting.shift();
      if (host === undefined) return false;
      this.#starting.add(host);
      try {
        host.pass(connection);
        return true;
      } catch {
        // It died as it waited; the next one may be alive.
      }
    }
  }

  /** Ends all hosts that wait; those that run a command go on. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    for (const host of [...this.#waiting, ...this.#starting, ...this.#taken]) host.release();
    this.#waiting.length = 0;
    this.#starting.clear();
    this.#taken.clear();
  }

  #wanted(): void {
    this.#target = this.#options.size;
    this.#armIdle();
    setTimeout(() => this.#refill(), REFILL_MS);
  }

  #refill(): void {
    while (!this.#isClosed && this.#starting.size < STARTING_MAX && this.#isShort()) {
      if (!this.#start()) return;
    }
  }

  #isShort(): boolean {
    return this.#waiting.length + this.#starting.size < this.#target;
  }

  #start(): boolean {
    try {
      const host: HostProcess = new HostProcess({
        onLoaded: () => void this.#equip(host),
        onFree: () => this.#free(host),
        onTaken: () => {
          this.#starting.delete(host);
          this.#taken.add(host);
          setTimeout(() => this.#refill(), REFILL_MS);
        },
        onEnd: () => this.#lose(host),
      });
      this.#starting.add(host);
      return true;
    } catch {
      this.#fail();
      return false;
    }
  }

  /** Without a cell it is of no use; whoever asks is told by the cells' pool why there are none. */
  async #equip(host: HostProcess): Promise<void> {
    try {
      host.give(await this.#options.cells.take());
    } catch {
      host.release();
      this.#lose(host);
    }
  }

  #free(host: HostProcess): void {
    this.#failures = 0;
    this.#starting.delete(host);
    this.#waiting.push(host);
    this.#refill();
  }

  #lose(host: HostProcess): void {
    const at = this.#waiting.indexOf(host);
    if (at >= 0) this.#waiting.splice(at, 1);
    if (this.#starting.delete(host)) this.#fail();
    this.#taken.delete(host);
    if (at >= 0) this.#refill();
  }

  #fail(): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES_MAX) {
      this.#failures = 0;
      this.#target = 0;
      return;
    }
    setTimeout(() => this.#refill(), REFILL_MS);
  }

  #armIdle(): void {
    clearTimeout(this.#idle);
    const { idleSeconds } = this.#options;
    if (idleSeconds === undefined) return;
    this.#idle = setTimeout(() => {
      this.#target = 1;
      for (const host of this.#waiting.splice(1)) host.release();
    }, idleSeconds * 1000);
    this.#idle.unref();
  }
}
