import { availableParallelism } from "node:os";
import type { CellPool } from "../pool/index.ts";
import { Door } from "./door.ts";
import { HostProcess } from "./host-process.ts";

export interface HostPoolOptions {
  /** Hosts that are to wait at any time, at least 1. */
  readonly size: number;
  /** Where commands find them: see `hostSocketPath`. */
  readonly path: string;
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
  /** The one that takes the next client. */
  #posted: HostProcess | undefined;
  readonly #starting = new Set<HostProcess>();
  readonly #taken = new Set<HostProcess>();
  readonly #door: Door;
  #target: number;
  #failures = 0;
  #isClosed = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: HostPoolOptions) {
    this.#options = options;
    this.#door = new Door(options.path);
    this.#target = options.size;
    this.#refill();
    this.#armIdle();
  }

  /** Ends all hosts that wait; those that run a command go on. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    this.#door.close();
    const posted = this.#posted === undefined ? [] : [this.#posted];
    const all = [...posted, ...this.#waiting, ...this.#starting, ...this.#taken];
    for (const host of all) host.release();
    this.#posted = undefined;
    this.#waiting.length = 0;
    this.#starting.clear();
    this.#taken.clear();
  }

  /** One takes the next client; where none waits, whoever comes is to know it at once. */
  #post(): void {
    while (this.#posted === undefined && !this.#isClosed) {
      const host = this.#waiting.shift();
      if (host === undefined) {
        this.#door.close();
        return;
      }
      try {
        host.post(this.#door.open());
        this.#posted = host;
      } catch {
        // It died as it waited, and the next one may be alive; or there is no door any more.
        host.release();
      }
    }
  }

  #isTaken(host: HostProcess): void {
    this.#taken.add(host);
    this.#leave(host);
    this.#target = this.#options.size;
    this.#armIdle();
    setTimeout(() => this.#refill(), REFILL_MS);
  }

  /** It takes no client from now on. */
  #leave(host: HostProcess): void {
    if (this.#posted !== host) return;
    this.#posted = undefined;
    this.#post();
  }

  #refill(): void {
    while (!this.#isClosed && this.#starting.size < STARTING_MAX && this.#isShort()) {
      if (!this.#start()) return;
    }
  }

  #isShort(): boolean {
    return this.#count() < this.#target;
  }

  /** Those that wait, or are about to. */
  #count(): number {
    const posted = this.#posted === undefined ? 0 : 1;
    return posted + this.#waiting.length + this.#starting.size;
  }

  #start(): boolean {
    try {
      const host: HostProcess = new HostProcess({
        onLoaded: () => void this.#equip(host),
        onFree: () => this.#free(host),
        onTaken: () => this.#isTaken(host),
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
    // More may have been wanted when it was started.
    if (this.#count() < Math.max(1, this.#target)) this.#waiting.push(host);
    else host.release();
    this.#post();
    this.#refill();
  }

  #lose(host: HostProcess): void {
    if (this.#taken.delete(host)) return;
    if (this.#starting.delete(host)) {
      this.#fail();
      return;
    }
    const at = this.#waiting.indexOf(host);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#leave(host);
    this.#refill();
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
      for (const host of this.#waiting.splice(0)) host.release();
    }, idleSeconds * 1000);
    this.#idle.unref();
  }
}
