import { writeSync } from "node:fs";
import {
  leaveAtOnce,
  leaveStreams,
  loadPoll,
  POLL_IN,
  receiveNow,
  restoreFlags,
  type StreamFlags,
  signalOn,
} from "../libc/index.ts";
import { PASSED_SIGNALS } from "./words.ts";

/** The kernel says by it that the client said something, or is gone. Nobody else uses it. */
const NEWS = 29;

/** How long the client may take to be gone. */
const LAST_MS = 100;

const NAMES = new Map<number, NodeJS.Signals>(
  Object.entries(PASSED_SIGNALS).map(([name, number]) => [number, name as NodeJS.Signals]),
);

/** The client whose command this process runs: its signals are ours, and our end is its own. */
export class Client {
  readonly #socket: number;
  readonly #flags: StreamFlags;
  readonly #ignored: bigint;
  readonly #onNews = (): void => this.#hear();
  #isHeard = true;

  /**
   * @param flags how the standard streams were set
   * @param ignored signals that the client was told to ignore, as bits
   */
  constructor(socket: number, flags: StreamFlags, ignored: bigint) {
    this.#socket = socket;
    this.#flags = flags;
    this.#ignored = ignored;
    process.on("SIGIO", this.#onNews);
    signalOn(socket, NEWS, process.pid);
    this.#hear();
  }

  /** Its signals are not heard any more. */
  forget(): void {
    this.#isHeard = false;
    process.off("SIGIO", this.#onNews);
  }

  /** Ends this process, and the client, with `status`, when nothing more is to be written. */
  leave(status: number): never {
    this.#isHeard = false;
    restoreFlags(this.#flags);
    // Whoever reads what was written waits for the end of it.
    leaveStreams();
    try {
      writeSync(this.#socket, Uint8Array.of(status));
      // To take down a process takes the kernel a while: the one that is waited for goes first.
      loadPoll()?.(this.#socket, POLL_IN, LAST_MS);
    } catch {
      // It is gone.
    }
    leaveAtOnce(status);
  }

  #hear(): void {
    while (this.#isHeard) {
      const byte = receiveNow(this.#socket);
      if (byte === undefined) return;
      if (byte === "end") this.#isHeard = false;
      // Whoever goes without a word is taken as if it had been interrupted.
      this.#raise(byte === "end" ? PASSED_SIGNALS.SIGINT : byte);
    }
  }

  #raise(number: number): void {
    const name = NAMES.get(number);
    if (name === undefined) return;
    const isIgnored = ((this.#ignored >> BigInt(number - 1)) & 1n) === 1n;
    if (isIgnored && process.listenerCount(name) === 0) return;
    process.kill(process.pid, name);
  }
}
