import { existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { ZvmError } from "../../base/index.ts";
import type { Manifest } from "../../zerovm/manifest/index.ts";
import { closeProgram, type ProgramVerdict } from "../../zerovm/program/index.ts";
import { type MadeProgram, makeProgram } from "./make-program.ts";
import type { ThreadAnswer, ThreadOrder } from "./program-thread.ts";
import { Refusal } from "./refusal.ts";
import { pathOfFd } from "./spooled-file.ts";

/** Of one program: a thread that takes longer is ended. */
export const MAKING_MS_MAX = 120_000;
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
  readonly #makingMs: number;
  #isClosed = false;

  constructor(makingMs = MAKING_MS_MAX) {
    this.#makingMs = makingMs;
  }

  /** As `makeProgram`. @throws Refusal 413 for what takes too much time or memory */
  async make(manifest: Manifest): Promise<MadeProgram> {
    const path = scriptPath();
    // Nothing is built where sources are run: then there is no cell either.
    if (path === undefined) return await makeProgram(manifest);
    const thread = this.#idle.pop() ?? this.#start(path);
    try {
      const said = await this.#ask(thread, manifest);
      const taken = takenOver(said, manifest.program);
      this.#release(thread, taken.verdict);
      return taken;
    } catch (error) {
      await this.#end(thread);
      throw error;
    }
  }

  /** Ends all threads, also those that are at work. */
  async close(): Promise<void> {
    this.#isClosed = true;
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

  #ask(thread: Worker, manifest: Manifest): Promise<ThreadAnswer> {
    const most = `${this.#makingMs / 1000} s`;
    return new Promise((resolve, reject) => {
      const late = () => reject(new Refusal(413, `Program takes more than ${most} to be judged`));
      const timer = setTimeout(late, this.#makingMs);
      thread.once("message", resolve);
      thread.once("error", (error) => reject(threadFailure(error)));
      thread.once("exit", () => reject(new Error("The thread that judges programs ended")));
      const order: ThreadOrder = { manifest };
      thread.ref();
      thread.postMessage(order);
      const settled = (): void => clearTimeout(timer);
      thread.once("message", settled);
      thread.once("exit", settled);
    });
  }

  #release(thread: Worker, verdict: ProgramVerdict): void {
    const done: ThreadOrder = "taken";
    for (const event of ["message", "error", "exit"]) thread.removeAllListeners(event);
    thread.postMessage(done);
    const sizeBytes = verdict.kind === "accepted" ? verdict.program.sizeBytes : 0;
    thread.unref();
    thread.once("error", () => void this.#end(thread));
    if (this.#isClosed || sizeBytes > REUSED_BYTES_MAX) void this.#end(thread);
    else this.#idle.push(thread);
  }

  async #end(thread: Worker): Promise<void> {
    this.#all.delete(thread);
    const at = this.#idle.indexOf(thread);
    if (at >= 0) this.#idle.splice(at, 1);
    await thread.terminate();
  }
}

/** In `dist`, beside the bundle that this is in, or in that of the sources. */
function scriptPath(): string | undefined {
  const folder = import.meta.dirname;
  const places = [join(folder, SCRIPT), join(folder, "../../../dist", SCRIPT)];
  return places.find((place) => existsSync(place));
}

/** Opens anew what a thread has open, which is gone with it. */
function takenOver(said: ThreadAnswer, path: string): MadeProgram {
  if ("failure" in said) {
    const { code, message } = said.failure;
    throw code === undefined ? new Error(message) : new ZvmError(code, message);
  }
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

function threadFailure(error: unknown): Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_WORKER_OUT_OF_MEMORY"
    ? new Refusal(413, "Program takes too much memory to be judged")
    : new Error("The thread that judges programs failed", { cause: error });
}
