import { availableParallelism } from "node:os";
import { type Form, judgeValue, scalar, ZvmError } from "../../base/index.ts";
import { Cell, type CellFate, type CellListener, type CompiledModule } from "../cell/index.ts";
import { Askers } from "./askers.ts";
import { POOL_OPTIONS, type PoolOptions } from "./options.ts";

/** How a pool does, at this moment. */
export interface PoolState {
  readonly waiting: number;
  readonly starting: number;
  readonly queued: number;
}

/** Somebody who waits to hear that there is a cell. */
interface Watcher {
  resolve(): void;
  refuse(error: ZvmError): void;
}

const QUEUE_MAX = 1000;
/** Cells that are started at the same time: more would only take the processors from each other. */
const STARTING_MAX = Math.max(2, availableParallelism());
/** Cells in a row that died before they were locked: the system has no more of them. */
const FAILURES_MAX = 3;
/** How long after a cell was taken the next is started, so that a short session goes first. */
const REFILL_MS = 10;
/** The same where the next one takes a processor for long: most sessions have ended by then. */
const PREPARE_MS = 100;

/**
 * Cells that are started, locked and warm, and wait for an order. Each serves one session and is
 * replaced by a new one, off the way of whoever took it.
 */
export class CellPool {
  readonly #options: PoolOptions;
  readonly #waiting: Cell[] = [];
  readonly #starting = new Set<Cell>();
  readonly #preparing = new Set<Cell>();
  readonly #askers = new Askers();
  readonly #watchers: Watcher[] = [];
  #failures = 0;
  #isClosed = false;
  #idle: NodeJS.Timeout | undefined;
  #target: number;

  /** @throws ZvmError ZVM_USAGE or ZVM_LIMIT naming an option that is none, or wrong */
  constructor(options: PoolOptions) {
    judgeValue("CellPool", options, POOL_OPTIONS);
    this.#options = options;
    this.#target = options.size;
    this.#refill();
    this.#armIdle();
  }

  /** Whether a guest waits in each cell, which goes on with the channels of whoever takes it. */
  get isPrepared(): boolean {
    return this.#options.prepare !== undefined && this.compiled === undefined;
  }

  /** What each cell has compiled before it takes an order. */
  get compiled(): CompiledModule | undefined {
    return this.#options.compiled;
  }

  /** Whether its cells are for sessions with the tier `optimise`, and for no others. */
  get optimises(): boolean {
    return this.#options.tier === "optimise";
  }

  get state(): PoolState {
    return {
      waiting: this.#waiting.length,
      starting: this.#starting.size,
      queued: this.#askers.count,
    };
  }

  /** A warm cell if one waits, and none otherwise. */
  takeNow(): Cell | undefined {
    const cell = this.#waiting.shift();
    if (cell !== undefined) this.#wanted();
    return cell;
  }

  /**
   * A warm cell, as soon as there is one.
   * @throws ZvmError ZVM_POOL when the pool is closed, too many wait already, or the system makes
   *   no more cells; the reason of the signal when that comes first
   */
  take(signal?: AbortSignal): Promise<Cell> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const cell = this.takeNow();
    if (cell !== undefined) return Promise.resolve(cell);
    const { queueMax = QUEUE_MAX } = this.#options;
    if (this.#isClosed) return Promise.reject(new ZvmError("ZVM_POOL", "The pool is closed"));
    if (this.#askers.count >= queueMax) {
      const message = `${queueMax} sessions wait for a cell already: try again later`;
      return Promise.reject(new ZvmError("ZVM_POOL", message));
    }
    const asked = this.#askers.wait(signal);
    this.#wanted();
    return asked;
  }

  /** Takes a cell back that nothing was sent to. */
  giveBack(cell: Cell): void {
    if (this.#isClosed || !cell.isUsable) end(cell);
    else this.#give(cell);
  }

  /**
   * Resolves when a cell waits.
   * @throws ZvmError ZVM_POOL as `take`
   */
  ready(): Promise<void> {
    if (this.#waiting.length > 0) return Promise.resolve();
    if (this.#isClosed) return Promise.reject(new ZvmError("ZVM_POOL", "The pool is closed"));
    return new Promise((resolve, refuse) => {
      this.#watchers.push({ resolve, refuse });
      this.#wanted();
    });
  }

  /** Resolves when as many cells wait as the pool has. */
  async filled(): Promise<void> {
    while (!this.#isClosed && this.#waiting.length < this.#target) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Ends all cells that wait, and refuses whoever waits for one. */
  close(): void {
    if (!this.#isClosed) this.#options.onClose?.();
    this.#isClosed = true;
    clearTimeout(this.#idle);
    // Who prepares a cell hears of its end, and lets go of it.
    for (const cell of this.#preparing) cell.kill();
    const idle = [...this.#starting].filter((cell) => !this.#preparing.has(cell));
    for (const cell of [...this.#waiting.splice(0), ...idle]) end(cell);
    this.#starting.clear();
    this.#refuseAll("The pool is closed");
  }

  /** Somebody took a cell or waits for one: others are started again. */
  #wanted(): void {
    this.#target = this.#options.size;
    this.#armIdle();
    if (this.#askers.count + this.#watchers.length > 0) this.#refill();
    else setTimeout(() => this.#refill(), this.isPrepared ? PREPARE_MS : REFILL_MS);
  }

  #refill(): void {
    while (!this.#isClosed && this.#starting.size < STARTING_MAX && this.#isShort()) this.#start();
  }

  #isShort(): boolean {
    const coming = this.#waiting.length + this.#starting.size;
    return coming < this.#target + this.#askers.count;
  }

  #start(): void {
    const listener = this.#listener(() => cell);
    const isWeak = this.#options.isolation === "weak";
    let cell: Cell;
    try {
      cell = new Cell(listener, { isWarm: true, isWeak, optimises: this.optimises });
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#starting.add(cell);
  }

  #listener(cell: () => Cell): CellListener {
    return {
      onLocked: () => this.#locked(cell()),
      onWaiting: () => undefined,
      onStarted: () => undefined,
      onAnswer: () => this.#lose(cell(), {}),
      onFate: (fate) => this.#lose(cell(), fate),
    };
  }

  #locked(cell: Cell): void {
    const { prepare } = this.#options;
    if (prepare === undefined) this.#offer(cell);
    else void this.#prepare(cell, prepare);
  }

  async #prepare(cell: Cell, prepare: (cell: Cell) => Promise<unknown>): Promise<void> {
    this.#preparing.add(cell);
    let failure: string | undefined;
    try {
      await prepare(cell);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    this.#preparing.delete(cell);
    cell.listener = this.#listener(() => cell);
    if (failure === undefined && cell.isUsable && !this.#isClosed) {
      this.#offer(cell);
      return;
    }
    this.#starting.delete(cell);
    end(cell);
    if (!this.#isClosed) this.#giveUp(failure ?? "The cell ended when it was prepared");
  }

  #offer(cell: Cell): void {
    this.#starting.delete(cell);
    this.#failures = 0;
    this.#give(cell);
    setImmediate(() => this.#refill());
  }

  #give(cell: Cell): void {
    if (!this.#askers.give(cell)) this.#keep(cell);
    for (const watcher of this.#watchers.splice(0)) watcher.resolve();
  }

  /** One that was started when more were wanted is not kept. */
  #keep(cell: Cell): void {
    if (this.#waiting.length < Math.max(1, this.#target)) this.#waiting.push(cell);
    else end(cell);
  }

  /** A cell died before anybody had it. */
  #lose(cell: Cell, fate: CellFate): void {
    const wasStarting = this.#starting.delete(cell);
    const at = this.#waiting.indexOf(cell);
    if (at >= 0) this.#waiting.splice(at, 1);
    end(cell);
    if (this.#isClosed) return;
    if (wasStarting) {
      const reason = fate.missingWall ?? fate.hostFailure ?? fate.defect ?? cell.lastWords;
      this.#fail(reason === "" ? "The cell ended before it was ready" : reason.trim());
    } else {
      this.#refill();
    }
  }

  #fail(reason: string): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES_MAX) {
      this.#giveUp(`No cell can be started: ${reason}`);
      return;
    }
    setTimeout(() => this.#refill(), REFILL_MS);
  }

  /** Tried again when somebody asks. */
  #giveUp(message: string): void {
    this.#failures = 0;
    this.#refuseAll(message);
    this.#target = 0;
  }

  #refuseAll(message: string): void {
    const error = new ZvmError("ZVM_POOL", message);
    this.#askers.refuseAll(error);
    for (const watcher of this.#watchers.splice(0)) watcher.refuse(error);
  }

  #armIdle(): void {
    clearTimeout(this.#idle);
    const { idleSeconds } = this.#options;
    if (idleSeconds === undefined) return;
    this.#idle = setTimeout(() => {
      this.#target = 1;
      for (const cell of this.#waiting.splice(1)) end(cell);
    }, idleSeconds * 1000);
    this.#idle.unref();
  }
}

function end(cell: Cell): void {
  cell.kill();
  cell.release();
}

/** A pool that somebody made. */
export const POOL: Form = scalar("a CellPool", (value) => value instanceof CellPool);
