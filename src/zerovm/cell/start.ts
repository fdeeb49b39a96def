/**
 * The transport of orders: how a cell is told what to run. Everything else knows only the
 * interface here, and nothing of how cells are made, locked and heard.
 */
import { closeSync } from "node:fs";
import type { Duplex } from "node:stream";
import { HostIoError } from "../../base/index.ts";
import { sendMessage, socketPair } from "../libc/index.ts";
import type { WallName } from "../walls/index.ts";
import { AnswerReader } from "./answer-reader.ts";
import { CellProcess } from "./cell-process.ts";
import { type LaunchedCell, type LaunchOptions, launchCell, takeAhead } from "./launch.ts";
import { encodeOrderMessage } from "./order-message.ts";
import { signalName } from "./signal-name.ts";
import { type Listen, listenByEvents, listenByWaiting, openSocket } from "./wires.ts";

/** A place among the cell's descriptors: one of ours, or a new pipe whose other end we keep. */
export type Handover = number | "pipe";

export interface CellRequest {
  /** The order as text; its descriptors are counted from `FIRST_CELL_FD`. */
  readonly order: string;
  readonly handovers: readonly Handover[];
  /** The largest answer that is taken, in bytes. */
  readonly answerBytesMax: number;
  /** Called once, when the cell has copies of all handovers. */
  readonly onSent?: () => void;
  /** Called once, when the guest's time begins. */
  readonly onStart: () => void;
  readonly launch?: LaunchOptions;
  /** After its answer the cell ends by itself: one that still has something to write. */
  readonly endsItself?: true;
}

/** How a cell ended, whatever it said before. */
export interface CellEnd {
  /** The whole answer, if one came. */
  readonly answer?: string;
  /** Why the answer is none, in our words. */
  readonly defect?: string;
  /** Why the host could make no process. */
  readonly hostFailure?: string;
  /** The wall without which the cell would not go on, in words. */
  readonly missingWall?: string;
  /** The walls that stood before the order was sent. */
  readonly walls: readonly WallName[];
  readonly status: number | undefined;
  readonly signal: string | undefined;
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

/** How `unshare` ends when it makes no namespaces, and what it says then. */
const NOT_UNSHARED = 1;
const NOT_ALLOWED = /^unshare: (?:unshare|fork|cannot|mount|write|setgroups)/m;
/** How long a cell may take nothing of its order. */
const SEND_MS_MAX = 10_000;
/** How long the pipes of a process that is gone may take to end by themselves. */
const DRAIN_MS = 500;

/** Starts a cell and sends it the order, once it is locked. */
export function startCell(request: CellRequest): RunningCell {
  try {
    return new Talk(request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return neverStarted(`Cannot start a cell: ${message}`);
  }
}

function neverStarted(hostFailure: string): RunningCell {
  const nothing = { walls: [], status: undefined, signal: undefined, lastWords: "" };
  return {
    pipe: () => undefined,
    end: Promise.resolve({ ...nothing, hostFailure }),
    interrupt: () => undefined,
    kill: () => undefined,
  };
}

class Talk implements RunningCell {
  readonly end: Promise<CellEnd>;
  readonly #request: CellRequest;
  readonly #pipes = new Map<number, { readonly ours: Duplex; readonly theirs: number }>();
  #process: CellProcess;
  #launched: LaunchedCell;
  #walls: readonly WallName[] = [];
  #heard: Pick<CellEnd, "answer" | "defect"> = {};
  #isReady = false;
  #isKilled = false;
  #settled = false;
  #resolve: (end: CellEnd) => void = () => undefined;

  constructor(request: CellRequest) {
    this.#request = request;
    this.end = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    // A process that launched ahead waits for this one session, and for nothing else.
    const ahead = request.launch === undefined ? takeAhead() : undefined;
    this.#launched = ahead ?? launchCell(request.launch);
    this.#makePipes();
    const waits = ahead !== undefined && this.#pipes.size === 0;
    this.#process = this.#talkTo(this.#launched, waits ? listenByWaiting() : listenByEvents);
  }

  pipe(index: number): Duplex | undefined {
    return this.#pipes.get(index)?.ours;
  }

  interrupt(): void {
    if (this.#isReady) {
      this.#process.interrupt();
      return;
    }
    // A cell that knows of no session yet has nothing to end in order.
    this.kill();
    this.#settle({ signal: "SIGINT" });
  }

  kill(): void {
    this.#isKilled = true;
    this.#process.kill();
    const drain = setTimeout(() => {
      for (const { ours } of this.#pipes.values()) ours.destroy();
    }, DRAIN_MS);
    drain.unref();
  }

  #makePipes(): void {
    this.#request.handovers.forEach((place, index) => {
      if (place !== "pipe") return;
      const [ours, theirs] = socketPair();
      this.#pipes.set(index, { ours: openSocket(ours, true), theirs });
    });
  }

  #talkTo(launched: LaunchedCell, listen: Listen): CellProcess {
    const reader = new AnswerReader(
      {
        onReady: (ready) => {
          if ("missing" in ready) this.#settle({ missingWall: ready.missing });
          else this.#sendOrder(ready.walls);
        },
        onStart: () => this.#request.onStart(),
        onAnswer: (answer) => {
          this.#heard = { answer };
          if (this.#request.endsItself !== true) this.#settle({});
        },
        onDefect: (defect) => {
          this.#heard = { defect };
          cell.kill();
        },
      },
      this.#request.answerBytesMax,
    );
    const cell = new CellProcess(launched, listen, (bytes) => reader.take(bytes));
    void cell.gone().then(({ status, signal }) => {
      if (status === NOT_UNSHARED && this.#canDoWithout()) this.#startAgain(listen);
      else this.#settle({ status, signal: signalName(signal) });
    });
    return cell;
  }

  #sendOrder(walls: readonly WallName[]): void {
    this.#walls = walls;
    this.#isReady = true;
    const { handovers, order } = this.#request;
    const fds = handovers.map((place, index) => {
      return place === "pipe" ? (this.#pipes.get(index)?.theirs ?? -1) : place;
    });
    try {
      const message = encodeOrderMessage(order, fds.length);
      sendMessage(this.#launched.control, message, fds, SEND_MS_MAX);
      this.#closeTheirs();
      this.#request.onSent?.();
    } catch (error) {
      if (!(error instanceof HostIoError)) throw error;
      this.#process.kill();
      this.#settle({ hostFailure: `Cannot send the order to a cell: ${error.message}` });
    }
  }

  #closeTheirs(): void {
    for (const { theirs } of this.#pipes.values()) closeSync(theirs);
  }

  /** Where namespaces are not allowed, what would make them ends before there is a cell. */
  #canDoWithout(): boolean {
    if (this.#isReady || this.#isKilled || this.#settled) return false;
    return this.#launched.hasNamespaces && NOT_ALLOWED.test(this.#process.lastWords);
  }

  #startAgain(listen: Listen): void {
    this.#process.close();
    try {
      this.#launched = launchCell({ ...this.#launched.options, hasNamespaces: false });
      this.#process = this.#talkTo(this.#launched, listen);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#settle({ hostFailure: `Cannot start a cell: ${message}` });
    }
  }

  #settle(end: Partial<CellEnd>): void {
    if (this.#settled) return;
    this.#settled = true;
    if (!this.#isReady) this.#closeTheirs();
    const { lastWords } = this.#process;
    this.#process.close();
    this.#process.expectEnd();
    const nothing = { status: undefined, signal: undefined, walls: this.#walls };
    this.#resolve({ ...nothing, ...this.#heard, ...end, lastWords });
  }
}
