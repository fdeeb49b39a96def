import { closeSync, existsSync } from "node:fs";
import { join } from "node:path";
import { type Cell, listenByEvents, type Wire } from "../cell/index.ts";
import { reapProcess, sendMessage, socketPair, spawnProcess } from "../libc/index.ts";
import { passCell } from "../pool/index.ts";
import { DOOR, HOST_WORD } from "./words.ts";

/** Who has a host hears what becomes of it. */
export interface HostListener {
  /** It is loaded, and needs a cell. */
  onLoaded(): void;
  /** It waits for a client. */
  onFree(): void;
  /** It has a client, and is nobody's from now on. */
  onTaken(): void;
  /** It is gone. Called once, also after it was taken. */
  onEnd(): void;
}

const SEND_MS_MAX = 200;
/** When to look again for the end of a process that hung up. */
const REAP_MS = [0, 5, 50, 500, 5000];

/** What starts a host: beside the built folder, or three levels above this file. */
function hostProgram(): string {
  const beside = join(import.meta.dirname, "../bin/host.js");
  return existsSync(beside) ? beside : join(import.meta.dirname, "../../../bin/host.js");
}

/** A process of the command line that waits for a client, as its pool has it. */
export class HostProcess {
  readonly #pid: number;
  readonly #socket: number;
  readonly #wire: Wire;
  #isReaped = false;

  /** @throws HostIoError when the system makes none */
  constructor(listener: HostListener) {
    const [ours, theirs] = socketPair();
    try {
      this.#pid = spawnProcess({
        path: process.execPath,
        words: [process.execPath, hostProgram()],
        environment: Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
        descriptors: ["null", "null", "null", theirs],
      });
    } catch (error) {
      closeSync(ours);
      throw error;
    } finally {
      closeSync(theirs);
    }
    this.#socket = ours;
    this.#wire = listenByEvents(ours, {
      onBytes: (bytes) => this.#hear(Buffer.from(bytes).toString("latin1"), listener),
      onEnd: () => {
        this.#reap(0);
        listener.onEnd();
      },
    });
  }

  /** @throws HostIoError when it is gone */
  give(cell: Cell): void {
    passCell(cell, this.#socket);
  }

  /**
   * Tells it to take the next client that comes to `door`.
   * @throws HostIoError when it is gone
   */
  post(door: number): void {
    sendMessage(this.#socket, Buffer.from(DOOR), [door], SEND_MS_MAX);
  }

  /** One that waits ends by itself then; one that has a client by now, known or not, goes on. */
  release(): void {
    this.#wire.destroy();
    this.#reap(0);
  }

  #hear(words: string, listener: HostListener): void {
    for (const word of words) {
      if (word === HOST_WORD.LOADED) listener.onLoaded();
      else if (word === HOST_WORD.FREE) listener.onFree();
      else if (word === HOST_WORD.TAKEN) listener.onTaken();
    }
  }

  #reap(turn: number): void {
    if (this.#isReaped) return;
    this.#isReaped = reapProcess(this.#pid) !== undefined;
    const delayMs = REAP_MS[Math.min(turn, REAP_MS.length - 1)];
    if (!this.#isReaped) setTimeout(() => this.#reap(turn + 1), delayMs).unref();
  }
}
