import { existsSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { ZvmError } from "../../base/index.ts";
import { MemberTable } from "../../tar/index.ts";
import { type IndexImageOptions, indexImage } from "../../zerovm/image/index.ts";
import type { Manifest } from "../../zerovm/manifest/index.ts";
import { closeProgram } from "../../zerovm/program/index.ts";
import { type MadeProgram, makeProgram } from "./make-program.ts";
import { FIRST_MS, makingMsOf } from "./making-time.ts";
import type { ProgramTurn } from "./program-door.ts";
import type { ThreadAnswer, ThreadOrder } from "./program-thread.ts";
import { Refusal } from "./refusal.ts";
import { pathOfFd } from "./spooled-file.ts";

/** Of one thread, in MiB, beside the bytes of the program itself. */
const HEAP_MIB_MAX = 2048;
/** A thread that had a larger program is not used again: it would keep the memory. */
const REUSED_BYTES_MAX = 16 * 2 ** 20;

const SCRIPT = "program.cjs";

/**
 * Makes programs ready in threads of their own: some take minutes, in which this process has to
 * answer everybody else. As many threads as programs at a time; they wait for the next ones.
 */
export class ProgramThreads {
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #closing = new AbortController();
  readonly #firstMs: number;
  readonly #makingMsOf: (sizeBytes: number) => number;

  constructor(options: ThreadTimes = {}) {
    this.#firstMs = options.firstMs ?? FIRST_MS;
    this.#makingMsOf = options.makingMsOf ?? makingMsOf;
  }

  /** As `makeProgram`. @throws Refusal 413 for what takes too much time or memory */
  async make(manifest: Manifest, turn?: ProgramTurn): Promise<MadeProgram> {
    const path = scriptPath();
    // Nothing is built where sources are run: then there is no cell either.
    if (path === undefined) return await makeProgram(manifest);
    return await this.#ordered(path, { order: { manifest }, turn }, (said) => {
      const made = takenOver(said, manifest.program);
      const { verdict } = made;
      const sizeBytes = verdict.kind === "accepted" ? verdict.program.sizeBytes : 0;
      return { got: made, sizeBytes };
    });
  }

  /** As `indexImage`. @throws ZvmError as that; Refusal as `make` */
  async index(
    imagePath: string,
    options: IndexImageOptions,
    turn?: ProgramTurn,
  ): Promise<MemberTable> {
    const path = scriptPath();
    if (path === undefined) return indexImage(imagePath, options);
    return await this.#ordered(path, { order: { imagePath, options }, turn }, (said) => {
      const table = tableFrom(said);
      return { got: table, sizeBytes: table.numbers.byteLength };
    });
  }

  /**
   * Gives an order to a thread, and takes over what it says before that goes on. What takes long
   * while there is no place for more of that is ended, and begins anew when there is.
   */
  async #ordered<Got>(path: string, { order, turn }: Ordered, take: Take<Got>): Promise<Got> {
    let first = turn;
    for (;;) {
      this.#closing.signal.throwIfAborted();
      const thread = this.#idle.pop() ?? this.#start(path);
      try {
        const { got, sizeBytes } = take(await this.#ask(thread, { order, turn: first }));
        this.#release(thread, sizeBytes);
        return got;
      } catch (error) {
        await this.#end(thread);
        if (error !== MAKES_ROOM) throw error;
      }
      await turn?.goOn(this.#closing.signal);
      first = undefined;
    }
  }

  /** Ends all threads, also those that are at work. */
  async close(): Promise<void> {
    this.#closing.abort(stopped());
    await Promise.all([...this.#all].map((thread) => this.#end(thread)));
  }

  #start(path: string): Worker {
    const thread = new Worker(path, {
      execArgv: [],
      // It would warn of files in memory, which it closes and has not opened by a path.
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    });
    this.#all.add(thread);
    return thread;
  }

  /** @param turn where it has to make room for others after its first seconds */
  #ask(thread: Worker, { order, turn }: Ordered): Promise<ThreadAnswer> {
    const { signal } = this.#closing;
    const mostMs = this.#makingMsOf(sizeOf(order));
    const most = `${Math.round(mostMs) / 1000} s`;
    return new Promise((resolve, reject) => {
      const late = () =>
        reject(new Refusal(413, `${whatOf(order)} takes more than ${most} to be judged`));
      const long = () => {
        if (turn?.mayGoOn === false) reject(MAKES_ROOM);
        else turn?.goOn(signal).catch(reject);
      };
      const timers = [setTimeout(late, mostMs), setTimeout(long, this.#firstMs)];
      thread.once("message", resolve);
      thread.once("error", (error) => reject(threadFailure(error, order)));
      thread.once("exit", () => reject(signal.aborted ? signal.reason : new Error(ENDED)));
      thread.ref();
      thread.postMessage(order);
      const settled = (): void => timers.forEach(clearTimeout);
      thread.once("message", settled);
      thread.once("exit", settled);
    });
  }

  #release(thread: Worker, sizeBytes: number): void {
    const done: ThreadOrder = "taken";
    for (const event of ["message", "error", "exit"]) thread.removeAllListeners(event);
    thread.postMessage(done);
    thread.unref();
    // One that is not there any more would never answer.
    for (const event of ["error", "exit"]) thread.once(event, () => void this.#end(thread));
    if (this.#closing.signal.aborted || sizeBytes > REUSED_BYTES_MAX) void this.#end(thread);
    else this.#idle.push(thread);
  }

  async #end(thread: Worker): Promise<void> {
    this.#all.delete(thread);
    const at = this.#idle.indexOf(thread);
    if (at >= 0) this.#idle.splice(at, 1);
    await thread.terminate();
  }
}

const ENDED = "The thread that judges programs ended";
/** Why a thread was ended whose program is made later. */
const MAKES_ROOM = Symbol("another program has its turn");

/** Times of the threads, where they are others than those of a server. */
export interface ThreadTimes {
  /** Until a program needs a place among those that take long. */
  readonly firstMs?: number;
  /** Until one of this size is given up. */
  readonly makingMsOf?: (sizeBytes: number) => number;
}

interface Ordered {
  readonly order: Exclude<ThreadOrder, "taken">;
  readonly turn: ProgramTurn | undefined;
}

/** Takes over what a thread said, of so many bytes. */
type Take<Got> = (said: ThreadAnswer) => { readonly got: Got; readonly sizeBytes: number };

/** What the thread was to do is nobody's fault, and no failure. */
function stopped(): ZvmError {
  return new ZvmError("ZVM_JOB_BUSY", "The server stops");
}

/** In `dist`, beside the bundle that this is in, or in that of the sources. */
function scriptPath(): string | undefined {
  const folder = import.meta.dirname;
  const places = [join(folder, SCRIPT), join(folder, "../../../dist", SCRIPT)];
  return places.find((place) => existsSync(place));
}

/** Opens anew what a thread has open, which is gone with it. */
function takenOver(said: ThreadAnswer, path: string): MadeProgram {
  if (!("made" in said)) throw failureOf(said);
  const { verdict, module } = said.made;
  if (verdict.kind === "refused") return { verdict };
  const program = { ...verdict.program, fd: openSync(path, "r") };
  const opened = { kind: "accepted", program } as const;
  if (module === undefined) return { verdict: opened };
  try {
    const fd = openSync(pathOfFd(module.fd), "r");
    return { verdict: opened, module: { ...module, fd } };
  } catch (error) {
    closeProgram(program);
    throw error;
  }
}

function tableFrom(said: ThreadAnswer): MemberTable {
  if (!("table" in said)) throw failureOf(said);
  const { numbers, paths, links, outline } = said.table;
  return new MemberTable(numbers, paths, links, outline);
}

function failureOf(said: ThreadAnswer): Error {
  if (!("failure" in said)) return new Error("The thread that judges programs mixed up orders");
  const { code, message } = said.failure;
  return code === undefined ? new Error(message) : new ZvmError(code, message);
}

function whatOf(order: Ordered["order"]): string {
  return "imagePath" in order ? "Image" : "Program";
}

function sizeOf(order: Ordered["order"]): number {
  return statSync("imagePath" in order ? order.imagePath : order.manifest.program).size;
}

function threadFailure(error: unknown, order: Ordered["order"]): Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_WORKER_OUT_OF_MEMORY"
    ? new Refusal(413, `${whatOf(order)} takes too much memory to be judged`)
    : new Error("The thread that judges programs failed", { cause: error });
}
