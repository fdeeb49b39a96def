/** The side of a command that gives itself to a host which waits for one. */
import { closeSync, existsSync } from "node:fs";
import { hostSocketPath, poolSocketPath } from "../cell/index.ts";
import {
  connectTo,
  leaveAtOnce,
  loadPoll,
  POLL_IN,
  type Poll,
  peerOf,
  receiveNow,
  sendMessage,
} from "../libc/index.ts";
import { buildOf } from "./build.ts";
import { makeToken, takeToken } from "./token.ts";
import { PASSED_SIGNALS, type PassedSignal } from "./words.ts";

/** A host begins at once, but on a busy machine, where to start anew takes longer still. */
const PATIENCE_MS = 1000;
const SEND_MS_MAX = 1000;
const STANDARD_FDS = [0, 1, 2];
/** How long one wait lasts: a signal that comes just before one is late by that at most. */
const SLICE_MS = 50;
/** As of a shell, for a signal that could not end this process. */
const STATUS_SIGNAL = 128;
const STATUS_LOST = 125;

/**
 * Gives the command of this process to a warm host of the pool of this user, where there is one:
 * then this process passes signals on, and ends as the command does.
 * @param otherwise called once where no host runs the command, and none will
 */
export function handOver(otherwise: () => void): void {
  const path = hostSocketPath(poolSocketPath());
  const canHandOver = process.platform === "linux" && process.execArgv.length === 0;
  // Who made it is asked when we are connected.
  const isThere = canHandOver && existsSync(path);
  const poll = isThere ? loadPoll() : undefined;
  const build = poll === undefined ? undefined : buildOf();
  if (poll === undefined || build === undefined) otherwise();
  else {
    // The host looks at who has come while this process prepares what it says.
    const socket = connectedTo(path);
    new Waiting(poll, otherwise).begin(socket, build);
  }
}

interface Given {
  readonly socket: number;
  readonly token: number;
}

/** @returns undefined where nobody listens */
function connectedTo(path: string): number | undefined {
  try {
    return connectTo(path);
  } catch {
    return undefined;
  }
}

/** @returns undefined where nobody was there to take anything */
function giveTo(socket: number, build: string): Given | undefined {
  const opened = [socket];
  try {
    if (peerOf(socket).uid === process.getuid?.()) {
      const token = makeToken();
      opened.push(token);
      const fds = [...STANDARD_FDS, token];
      sendMessage(socket, Buffer.from(build, "latin1"), fds, SEND_MS_MAX);
      return { socket, token };
    }
  } catch {
    // Whoever listened is gone: nothing was given away.
  }
  for (const fd of opened) closeSync(fd);
  return undefined;
}

/** A process that waits for its host without an event loop, which would take longer to load. */
class Waiting {
  #given: Given | undefined;
  readonly #poll: Poll;
  readonly #otherwise: () => void;
  readonly #startMs = performance.now();
  readonly #handlers = new Map<PassedSignal, () => void>();
  #hasBegun = false;
  #passed: PassedSignal | undefined;

  /**
   * Signals are heard from here on: a host may begin as soon as it is given something. Before that
   * they end this process, and the host has met nobody.
   */
  constructor(poll: Poll, otherwise: () => void) {
    this.#poll = poll;
    this.#otherwise = otherwise;
    for (const name of Object.keys(PASSED_SIGNALS) as PassedSignal[]) {
      const handler = (): void => this.#pass(name);
      this.#handlers.set(name, handler);
      process.on(name, handler);
    }
  }

  begin(socket: number | undefined, build: string): void {
    this.#given = socket === undefined ? undefined : giveTo(socket, build);
    // A signal that has come meanwhile is heard when the event loop turns.
    if (this.#given === undefined) setImmediate(() => this.#fallBack());
    else this.#turn(this.#given);
  }

  /** Waits for a while; a signal ends that, and the event loop turns. */
  #turn(given: Given): void {
    const { socket } = given;
    const status = this.#poll(socket, POLL_IN, SLICE_MS) ? receiveNow(socket) : undefined;
    if (status === "end") this.#finish(given);
    else if (status !== undefined) leaveAtOnce(status);
    else if (this.#isTooLate(given)) this.#fallBack();
    else setImmediate(() => this.#turn(given));
  }

  /** Nobody has begun, and nobody can any more. */
  #isTooLate({ token }: Given): boolean {
    if (this.#hasBegun || performance.now() - this.#startMs < PATIENCE_MS) return false;
    const isTooLate = takeToken(token);
    this.#hasBegun = !isTooLate;
    return isTooLate;
  }

  #pass(name: PassedSignal): void {
    this.#passed = name;
    if (this.#given === undefined) return;
    try {
      sendMessage(this.#given.socket, Uint8Array.of(PASSED_SIGNALS[name]), [], SEND_MS_MAX);
    } catch {
      // It is gone, and the next turn finds out.
    }
  }

  /** The host went without a word. */
  #finish({ token }: Given): void {
    if (!this.#hasBegun && takeToken(token)) this.#fallBack();
    else if (this.#passed !== undefined) this.#die(this.#passed);
    else {
      process.stderr.write("zerovm: the process of the pool that ran the command is gone\n");
      process.exitCode = STATUS_LOST;
    }
  }

  #fallBack(): void {
    this.#release();
    // It meant us.
    if (this.#passed !== undefined) this.#die(this.#passed);
    else this.#otherwise();
  }

  /** As the host did, or would have. */
  #die(name: PassedSignal): void {
    for (const [passed, handler] of this.#handlers) process.off(passed, handler);
    process.exitCode = STATUS_SIGNAL + PASSED_SIGNALS[name];
    process.kill(process.pid, name);
  }

  #release(): void {
    for (const [name, handler] of this.#handlers) process.off(name, handler);
    for (const fd of Object.values(this.#given ?? {})) closeSync(fd);
    this.#handlers.clear();
  }
}
