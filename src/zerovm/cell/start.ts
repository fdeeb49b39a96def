/**
 * The transport of orders: how a cell is told what to run. Everything else knows only the
 * interface here: whether the cell inherits its descriptors, or was launched ahead and gets them
 * over the socket, is decided and done in this place.
 */
import type { ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { encodeFrame, FRAME_HEADER_BYTES } from "./frame.ts";
import { CONTROL_FD, controlFd, launchCell, takeAhead } from "./launch.ts";
import { FIRST_CELL_FD } from "./order.ts";
import { PASSED_MAX, sendDescriptors } from "./pass-descriptors.ts";

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
  /** Called once, when the guest's time begins. */
  readonly onStart: () => void;
  /** Another program in place of the cell, and what it is told on its command line. */
  readonly program?: readonly string[];
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
  readonly status: number | undefined;
  readonly signal: string | undefined;
  /** The last of what the process wrote to its standard error. */
  readonly lastWords: string;
}

export interface RunningCell {
  /** Our end of a pipe, by its place among the handovers; none where there is no process. */
  pipe(index: number): Duplex | undefined;
  /**
   * Resolves when the process is gone and every pipe of it has ended; never rejects. A cell that
   * was launched ahead serves a process that ends with its session: there the answer is enough.
   */
  readonly end: Promise<CellEnd>;
  /** Asks the session to end in order. */
  interrupt(): void;
  /** Ends the process, and then whatever pipe of it nobody empties. */
  kill(): void;
}

const LAST_WORDS_BYTES = 8192;
/** How long the pipes of a process that is gone may take to end by themselves. */
const DRAIN_MS = 500;

/**
 * Starts a cell and sends it the order. The descriptors can be closed as soon as this returns:
 * the cell has copies. Nothing of our environment is handed down.
 */
export function startCell(request: CellRequest): RunningCell {
  const ahead = equippedAhead(request);
  const child = ahead ?? launched(request);
  if (child instanceof Promise) return neverStarted(child);
  const control = streamOf(child, CONTROL_FD);
  const reader = new AnswerReader(request, () => child.kill("SIGKILL"));
  control.on("data", (chunk: Uint8Array) => reader.take(chunk));
  // A cell that dies breaks the socket; its end says so.
  control.on("error", () => undefined);
  for (const message of [request.order, ...(request.blocks ?? [])]) {
    control.write(encodeFrame(message));
  }
  return {
    pipe: (index) => streamOf(child, FIRST_CELL_FD + index),
    end: endOf(child, reader, ahead !== undefined),
    interrupt: () => child.kill("SIGINT"),
    kill: () => {
      child.kill("SIGKILL");
      setTimeout(() => destroyAll(child.stdio), DRAIN_MS);
    },
  };
}

/** The process, or the reason why there is none. */
function launched({ handovers, program }: CellRequest): ChildProcess | Promise<Error> {
  let child: ChildProcess;
  try {
    child = launchCell(handovers, program);
  } catch (error) {
    return Promise.resolve(error instanceof Error ? error : new Error(String(error)));
  }
  // Without descriptors for its pipes a process has no `stdio`, whatever the types say.
  const { pid, stdio } = child as { pid?: number; stdio?: ChildProcess["stdio"] };
  if (pid !== undefined && stdio?.[CONTROL_FD]) return child;
  destroyAll(stdio ?? []);
  return new Promise((resolve) => child.once("error", resolve));
}

function neverStarted(reason: Promise<Error>): RunningCell {
  const end = reason.then(({ message }) => ({
    hostFailure: `Cannot start a cell: ${message}`,
    status: undefined,
    signal: undefined,
    lastWords: "",
  }));
  return { pipe: () => undefined, end, interrupt: () => undefined, kill: () => undefined };
}

/** The cell that was launched ahead, with what it is handed; undefined where that cannot be. */
function equippedAhead({ handovers, program }: CellRequest): ChildProcess | undefined {
  const fds = handovers.filter((place) => place !== "pipe");
  if (program !== undefined || fds.length < handovers.length || fds.length > PASSED_MAX) {
    return undefined;
  }
  const child = takeAhead();
  if (child === undefined) return undefined;
  const socket = controlFd(child);
  if (socket !== undefined && sendDescriptors(socket, fds)) return child;
  child.kill("SIGKILL");
  return undefined;
}

function streamOf(child: ChildProcess, fd: number): Duplex {
  const stream = child.stdio[fd];
  if (stream === null || stream === undefined) throw new Error(`The cell has no pipe at ${fd}`);
  return stream as Duplex;
}

/** Puts the frames of the answer together; what does not fit the form kills the cell. */
class AnswerReader {
  readonly #request: CellRequest;
  readonly #kill: () => void;
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  /** Bytes that must be there before another look is worth it. */
  #neededBytes = FRAME_HEADER_BYTES;
  #started = false;
  answer: string | undefined;
  defect: string | undefined;

  constructor(request: CellRequest, kill: () => void) {
    this.#request = request;
    this.#kill = kill;
  }

  /** Called once, when the answer is whole. */
  onAnswer: () => void = () => undefined;

  take(chunk: Uint8Array): void {
    if (this.answer !== undefined || this.defect !== undefined) return;
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    while (this.#sizeBytes >= this.#neededBytes && this.answer === undefined) {
      const bytes = this.#join();
      const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const bodyBytes = header.getUint32(0, true);
      if (bodyBytes > this.#request.answerBytesMax) {
        this.#refuse(`The answer of the cell has ${bodyBytes} bytes`);
        return;
      }
      const end = FRAME_HEADER_BYTES + bodyBytes;
      this.#neededBytes = end;
      if (bytes.length < end) return;
      this.#neededBytes = FRAME_HEADER_BYTES;
      this.#chunks = [bytes.subarray(end)];
      this.#sizeBytes = bytes.length - end;
      this.#takeFrame(bytes.subarray(FRAME_HEADER_BYTES, end));
    }
  }

  /** An empty frame, once, then the answer. */
  #takeFrame(body: Uint8Array): void {
    if (body.length > 0) {
      this.#decode(body);
      return;
    }
    if (this.#started) {
      this.#refuse("The cell started twice");
      return;
    }
    this.#started = true;
    this.#request.onStart();
  }

  #decode(body: Uint8Array): void {
    try {
      this.answer = new TextDecoder("utf-8", { fatal: true }).decode(body);
      if (this.#request.endsItself === true) return;
      // It has nothing more to do, and giving back what it holds would take it milliseconds.
      this.#kill();
      this.onAnswer();
    } catch {
      this.#refuse("The answer of the cell is no text");
    }
  }

  #refuse(defect: string): void {
    this.defect = defect;
    this.#chunks = [];
    this.#sizeBytes = 0;
    this.#kill();
  }

  #join(): Uint8Array {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }
}

function endOf(
  child: ChildProcess,
  reader: AnswerReader,
  answerSuffices: boolean,
): Promise<CellEnd> {
  const words = new LastWords(child.stderr);
  return new Promise((resolve) => {
    const settle = (status: number | null, signal: string | null, defect?: string): void => {
      const wrong = reader.defect ?? defect;
      resolve({
        ...(reader.answer === undefined ? {} : { answer: reader.answer }),
        ...(wrong === undefined ? {} : { defect: wrong }),
        status: status ?? undefined,
        signal: signal ?? undefined,
        lastWords: words.text(),
      });
    };
    child.on("error", (error) => settle(null, null, `Cannot start a cell: ${error.message}`));
    child.on("close", (status, signal) => settle(status, signal));
    child.on("exit", () => endOwnPipes(child));
    if (answerSuffices) reader.onAnswer = () => settle(null, null);
  });
}

/**
 * What we read ourselves ends soon after the process; where it does not, somebody else holds it.
 * Pipes to streams of the caller may take as long as those do.
 */
function endOwnPipes(child: ChildProcess): void {
  const destroy = (): void => destroyAll([child.stderr, child.stdio[CONTROL_FD]]);
  // A host that was busy until now reads first what is there.
  const timer = setTimeout(() => setImmediate(destroy), DRAIN_MS);
  child.on("close", () => clearTimeout(timer));
}

type AnyPipe = { destroy(): unknown } | null | undefined;

function destroyAll(pipes: readonly AnyPipe[]): void {
  for (const pipe of pipes) pipe?.destroy();
}

/** Keeps the end of what a process writes. */
class LastWords {
  #bytes: Buffer = Buffer.alloc(0);

  constructor(stream: Readable | null) {
    stream?.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]).subarray(-LAST_WORDS_BYTES);
    });
  }

  text(): string {
    return this.#bytes.toString("utf8");
  }
}
