/** The side of a command that gives itself to a host which waits for one. */
import { closeSync } from "node:fs";
import { hostSocketPath, isOwnSocket, poolSocketPath } from "../cell/index.ts";
import {
  connectTo,
  leaveAtOnce,
  loadPoll,
  POLL_IN,
  type Poll,
  peerOf,
  receiveMessage,
  sendMessage,
} from "../libc/index.ts";
import { buildOf } from "./build.ts";
import { BUILD_BYTES_MAX, GO, PASSED_SIGNALS, type PassedSignal } from "./words.ts";

/** A host that does not answer at once has nothing that is worth waiting for. */
const ANSWER_MS_MAX = 250;
const SEND_MS_MAX = 1000;
const STANDARD_FDS = [0, 1, 2];
/** How long one wait lasts: a signal that comes just before one is late by that at most. */
const SLICE_MS = 50;
/** As of a shell, for a signal that could not end this process. */
const STATUS_SIGNAL = 128;
const STATUS_LOST = 125;

/**
 * Gives the command of this process to a warm host of the pool of this user, where there is one.
 * @returns whether it did: then this process passes signals on, and ends as the command does
 */
export function handOver(): boolean {
  const path = hostSocketPath(poolSocketPath());
  if (process.platform !== "linux" || process.execArgv.length > 0) return false;
  if (!isOwnSocket(path)) return false;
  const poll = loadPoll();
  const socket = poll === undefined ? undefined : given(path, poll);
  if (poll === undefined || socket === undefined) return false;
  new Waiting(socket, poll).turn();
  return true;
}

/** @returns the connection to a host that has our streams now. */
function given(path: string, poll: Poll): number | undefined {
  let socket: number | undefined;
  try {
    socket = connectTo(path);
    const { uid } = peerOf(socket);
    if (uid === process.getuid?.() && poll(socket, POLL_IN, ANSWER_MS_MAX) && isOurs(socket)) {
      sendMessage(socket, Buffer.from(GO), STANDARD_FDS, SEND_MS_MAX);
      return socket;
    }
  } catch {
    // Nobody listens, or whoever did is gone: nothing was given away.
  }
  if (socket !== undefined) closeSync(socket);
  return undefined;
}

function isOurs(socket: number): boolean {
  const bytes = new Uint8Array(BUILD_BYTES_MAX);
  const { sizeBytes, fds } = receiveMessage(socket, bytes);
  for (const fd of fds) closeSync(fd);
  return Buffer.from(bytes.subarray(0, sizeBytes)).toString("latin1") === buildOf();
}

/** A process that waits for its host without an event loop, which would take longer to load. */
class Waiting {
  readonly #socket: number;
  readonly #poll: Poll;
  #passed: PassedSignal | undefined;

  constructor(socket: number, poll: Poll) {
    this.#socket = socket;
    this.#poll = poll;
    for (const name of Object.keys(PASSED_SIGNALS) as PassedSignal[]) {
      process.on(name, () => this.#pass(name));
    }
  }

  /** Waits for a while; a signal ends that, and the event loop turns. */
  turn(): void {
    if (this.#poll(this.#socket, POLL_IN, SLICE_MS)) this.#end();
    else setImmediate(() => this.turn());
  }

  #pass(name: PassedSignal): void {
    this.#passed = name;
    try {
      sendMessage(this.#socket, Uint8Array.of(PASSED_SIGNALS[name]), [], SEND_MS_MAX);
    } catch {
      // It is gone, and the next turn finds out.
    }
  }

  #end(): void {
    const status = this.#status();
    if (status !== undefined) leaveAtOnce(status);
    if (this.#passed === undefined) {
      process.stderr.write("zerovm: the process of the pool that ran the command is gone\n");
      process.exitCode = STATUS_LOST;
      return;
    }
    // The host died of the signal that we passed on, and so do we.
    process.removeAllListeners(this.#passed);
    process.kill(process.pid, this.#passed);
    process.exitCode = STATUS_SIGNAL + PASSED_SIGNALS[this.#passed];
  }

  /** @returns undefined where the host went without a word. */
  #status(): number | undefined {
    try {
      const bytes = new Uint8Array(1);
      const { sizeBytes, fds } = receiveMessage(this.#socket, bytes);
      for (const fd of fds) closeSync(fd);
      return sizeBytes === 0 ? undefined : bytes[0];
    } catch {
      return undefined;
    }
  }
}
