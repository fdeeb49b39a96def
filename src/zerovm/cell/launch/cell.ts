import type { WallName } from "../../walls/index.ts";
import { type OrderMessage, sendOrder } from "../order/index.ts";
import { AnswerReader } from "./answer-reader.ts";
import { CellProcess } from "./cell-process.ts";
import { launchCell } from "./launch.ts";
import type { CompiledModule, LaunchedCell, LaunchOptions, WaitingGuest } from "./launched-cell.ts";
import { signalName } from "./signal-name.ts";
import { type Listen, listenByEvents } from "./wires.ts";

/** How a cell went, without an answer. */
export interface CellFate {
  /** Why what it said is no answer, in our words. */
  readonly defect?: string;
  /** Why the host could make no process, or not talk to it. */
  readonly hostFailure?: string;
  /** The wall without which the cell would not go on, in words. */
  readonly missingWall?: string;
  readonly status?: number | undefined;
  readonly signal?: string | undefined;
}

/** Whoever has a cell hears what becomes of it. */
export interface CellListener {
  /** It is locked, and takes an order. */
  onLocked(): void;
  /** It did what it was to prepare, says how, and takes the order of its session. */
  onWaiting(account: string): void;
  onStarted(): void;
  onAnswer(text: string): void;
  /** It is gone, or of no use. Called once, and not after an answer. */
  onFate(fate: CellFate): void;
}

/** How `unshare` ends when it makes no namespaces, and what it says then. */
const NOT_UNSHARED = 1;
const NOT_ALLOWED = /^unshare: (?:unshare|fork|cannot|mount|write|setgroups)/m;

/** A process for one session, from its launch to its end, handed from one listener to the next. */
export class Cell {
  readonly #listen: Listen;
  #launched: LaunchedCell;
  #process: CellProcess;
  #reader: AnswerReader;
  #walls: readonly WallName[] | undefined;
  #isDone = false;
  #defect: string | undefined;
  listener: CellListener;
  /** The guest that waits in it for the order of its session. */
  prepared: WaitingGuest | undefined;
  /** What it compiled, and waits to run. */
  compiled: CompiledModule | undefined;

  /** @throws HostIoError when the host can make no process */
  constructor(
    listener: CellListener,
    options: LaunchOptions | LaunchedCell = {},
    listen: Listen = listenByEvents,
  ) {
    this.listener = listener;
    this.#listen = listen;
    this.#launched = "control" in options ? options : launchCell(options);
    this.#walls = this.#launched.walls;
    this.compiled = this.#launched.compiled;
    [this.#process, this.#reader] = this.#connect();
  }

  /** The walls that stand; undefined while the cell is not locked. */
  get walls(): readonly WallName[] | undefined {
    return this.#walls;
  }

  /** Whether nothing has ended it yet, as far as is known. */
  get isUsable(): boolean {
    return !this.#isDone;
  }

  get pid(): number | undefined {
    return this.#launched.pid;
  }

  /** The last of what the process wrote to its standard error. */
  get lastWords(): string {
    return this.#process.lastWords;
  }

  /**
   * Sends an order to a cell that is locked. The descriptors can be closed when this returns.
   * @throws HostIoError when the host or the cell does not take it
   */
  send(message: OrderMessage, answerBytesMax: number): void {
    this.#reader.expectAnswer(answerBytesMax);
    sendOrder(this.#launched.control, message);
  }

  /**
   * Gives a cell that waits for its order to another process, through `pass`, which sends copies
   * of the descriptors. Here only the end of the process is taken note of.
   */
  handOver(pass: (fds: readonly number[]) => void): void {
    this.#isDone = true;
    const { control, lifeline, stop, words } = this.#launched;
    try {
      pass([control, lifeline, stop, words]);
    } finally {
      this.#process.handOver();
    }
  }

  /** Asks the session to end in order. */
  interrupt(): void {
    this.#process.interrupt();
  }

  /** Ends the process at once. */
  kill(): void {
    this.#process.kill();
  }

  /** Lets go of a cell: it ends by itself in a moment, or is ended. */
  release(): void {
    this.#isDone = true;
    this.#process.close();
    this.#process.expectEnd();
  }

  #connect(): [CellProcess, AnswerReader] {
    const isLocked = this.#walls !== undefined;
    const reader = new AnswerReader(isLocked, {
      onReady: (ready) => {
        if ("missing" in ready) {
          this.#meet({ missingWall: ready.missing });
          return;
        }
        if (connected.hasEnded()) {
          this.#abandon(connected);
          return;
        }
        this.#walls = ready.walls;
        this.listener.onLocked();
      },
      onWaiting: (account) => this.listener.onWaiting(account),
      onStarted: () => this.listener.onStarted(),
      onAnswer: (text) => {
        this.#isDone = true;
        this.listener.onAnswer(text);
      },
      onDefect: (defect) => {
        this.#defect = defect;
        connected.kill();
      },
    });
    const connected = new CellProcess(this.#launched, this.#listen, (bytes) => reader.take(bytes));
    void connected.gone().then(({ status, signal }) => {
      if (status === NOT_UNSHARED && this.#canDoWithout()) this.#startAgain();
      else this.#meet({ status, signal: signalName(signal) });
    });
    return [connected, reader];
  }

  /**
   * What stands between us and the cell was ended before the two were bound to each other, and
   * could not end it any more. It gets no order, and ends as its connections do.
   */
  #abandon(connected: CellProcess): void {
    connected.close();
    connected.kill();
  }

  /** Where namespaces are not allowed, what would make them ends before there is a cell. */
  #canDoWithout(): boolean {
    if (this.#isDone || this.#walls !== undefined || this.#defect !== undefined) return false;
    return this.#launched.hasNamespaces && NOT_ALLOWED.test(this.#process.lastWords);
  }

  #startAgain(): void {
    this.#process.close();
    try {
      this.#launched = launchCell({ ...this.#launched.options, hasNamespaces: false });
      [this.#process, this.#reader] = this.#connect();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#meet({ hostFailure: `Cannot start a cell: ${message}` });
    }
  }

  #meet(fate: CellFate): void {
    if (this.#isDone) return;
    this.#isDone = true;
    const { listener } = this;
    listener.onFate(this.#defect === undefined ? fate : { ...fate, defect: this.#defect });
  }
}
