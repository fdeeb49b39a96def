/**
 * The transport of orders: how a cell is told what to run. Everything else knows only the
 * interface here, and nothing of how cells are made, locked and heard.
 */
import { closeSync } from "node:fs";
import type { Duplex } from "node:stream";
import { HostIoError } from "../../../base/index.ts";
import { socketPair } from "../../libc/index.ts";
import type { WallName } from "../../walls/index.ts";
import { sharedMs } from "../machine/index.ts";
import { Cell, type CellFate, type CellListener } from "./cell.ts";
import { takeAhead } from "./launch.ts";
import type { LaunchOptions } from "./launched-cell.ts";
import { listenByEvents, listenByWaiting, openSocket } from "./wires.ts";

/** A place among the cell's descriptors: one of ours, or a new pipe whose other end we keep. */
export type Handover = number | "pipe";

export interface CellRequest {
  /** The order as text; its descriptors are counted from `FIRST_CELL_FD`. */
  readonly order: string;
  /** What follows the order: the members of each image, as `encodeMembers` gives them. */
  readonly blocks?: readonly Uint8Array[];
  readonly handovers: readonly Handover[];
  /** The largest answer that is taken, in bytes. */
  readonly answerBytesMax: number;
  /**
   * Called once, when the cell has copies of all handovers, with the time at which the order was
   * sent, by the clock that all processes share.
   */
  readonly onSent?: (sentAtMs: number) => void;
  /** Called once, when the guest's time begins. */
  readonly onStart: () => void;
  readonly launch?: LaunchOptions;
  /** The order only prepares: the end is that the cell waits for a second one. */
  readonly prepares?: boolean;
  /** The order is for the guest that waits in the cell which this process has ahead. */
  readonly continues?: boolean;
  /** A cell that waits for an order already. */
  readonly cell?: Cell;
}

/** How a cell ended, whatever it said before. */
export interface CellEnd extends CellFate {
  /** The whole answer, if one came. */
  readonly answer?: string;
  /** The guest is at its point, the cell is the caller's again, and this is what it says. */
  readonly account?: string;
  /** The walls that stood before the order was sent. */
  readonly walls: readonly WallName[];
  /** The cell waited already when it was needed. */
  readonly isWarm: boolean;
  /** The last of what the process wrote to its standard error. */
  readonly lastWords: string;
}

export interface RunningCell {
  /** Our end of a pipe, by its place among the handovers; none where there is no process. */
  pipe(index: number): Duplex | undefined;
  /** Resolves when the answer is there or the process is gone; never rejects. */
  readonly end: Promise<CellEnd>;
  /** Asks the session to end in order. */
  interrupt(): void;
  /** Ends the process, and then whatever pipe of it nobody empties. */
  kill(): void;
}

/** How long the pipes of a process that is gone may take to end by themselves. */
const DRAIN_MS = 500;

/** Sends the order to a cell that waits, or to a new one once it is locked. */
export function startCell(request: CellRequest): RunningCell {
  try {
    return new Talk(request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return neverStarted(`Cannot start a cell: ${message}`);
  }
}

function neverStarted(hostFailure: string): RunningCell {
  return {
    pipe: () => undefined,
    end: Promise.resolve({ hostFailure, walls: [], isWarm: false, lastWords: "" }),
    interrupt: () => undefined,
    kill: () => undefined,
  };
}

class Talk implements RunningCell, CellListener {
  readonly end: Promise<CellEnd>;
  readonly #request: CellRequest;
  readonly #pipes = new Map<number, { readonly ours: Duplex; readonly theirs: number }>();
  readonly #cell: Cell;
  #answer: string | undefined;
  readonly #isWarm: boolean;
  #isSent = false;
  #isSettled = false;
  #resolve: (end: CellEnd) => void = () => undefined;

  constructor(request: CellRequest) {
    this.#request = request;
    this.end = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#makePipes();
    this.#cell = request.cell ?? this.#newCell();
    this.#isWarm = request.cell !== undefined || this.#cell.pid === undefined;
    this.#cell.listener = this;
    if (this.#cell.walls !== undefined) this.onLocked();
  }

  pipe(index: number): Duplex | undefined {
    return this.#pipes.get(index)?.ours;
  }

  interrupt(): void {
    if (this.#isSent) {
      this.#cell.interrupt();
      return;
    }
    // A cell that knows of no session yet has nothing to end in order.
    this.kill();
    this.#settle({ signal: "SIGINT" });
  }

  kill(): void {
    this.#cell.kill();
    const drain = setTimeout(() => {
      for (const { ours } of this.#pipes.values()) ours.destroy();
    }, DRAIN_MS);
    drain.unref();
  }

  onLocked(): void {
    const { handovers, order, blocks = [], answerBytesMax } = this.#request;
    const fds = handovers.map((place, index) => {
      return place === "pipe" ? (this.#pipes.get(index)?.theirs ?? -1) : place;
    });
    const sentAtMs = sharedMs();
    try {
      this.#cell.send({ text: order, blocks, fds }, answerBytesMax);
      this.#isSent = true;
      this.#closeTheirs();
      this.#request.onSent?.(sentAtMs);
    } catch (error) {
      if (!(error instanceof HostIoError)) throw error;
      // A cell that is gone already tells by its end what became of it.
      if (error.code === "EPIPE") return;
      this.#cell.kill();
      this.#settle({ hostFailure: `Cannot send the order to a cell: ${error.message}` });
    }
  }

  onWaiting(account: string): void {
    if (this.#request.prepares === true) {
      this.#settle({ account });
      return;
    }
    this.#cell.kill();
    this.#settle({ defect: "The cell waits for a second order" });
  }

  onStarted(): void {
    this.#request.onStart();
  }

  onAnswer(answer: string): void {
    this.#answer = answer;
    this.#settle({});
  }

  onFate(fate: CellFate): void {
    this.#settle(fate);
  }

  #newCell(): Cell {
    // A process that launched ahead waits for this one session, and for nothing else.
    const { launch, continues = false } = this.#request;
    const ahead = launch === undefined ? takeAhead(continues) : undefined;
    const waits = ahead !== undefined && this.#pipes.size === 0;
    const listen = waits ? listenByWaiting() : listenByEvents;
    return new Cell(this, ahead ?? launch, listen);
  }

  #makePipes(): void {
    this.#request.handovers.forEach((place, index) => {
      if (place !== "pipe") return;
      const [ours, theirs] = socketPair();
      this.#pipes.set(index, { ours: openSocket(ours, true), theirs });
    });
  }

  #closeTheirs(): void {
    for (const { theirs } of this.#pipes.values()) closeSync(theirs);
  }

  #settle(fate: CellFate & Pick<CellEnd, "account">): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    if (!this.#isSent) this.#closeTheirs();
    const { lastWords, walls = [] } = this.#cell;
    if (fate.account === undefined) this.#cell.release();
    const answer = this.#answer === undefined ? {} : { answer: this.#answer };
    this.#resolve({ ...fate, ...answer, walls, isWarm: this.#isWarm, lastWords });
  }
}
