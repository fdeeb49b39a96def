import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { assert } from "../../base/index.ts";
import {
  type Answer,
  encodeHello,
  GO,
  isSameProof,
  isWireName,
  NONCE_BYTES,
  proofOf,
  readAnswer,
  UNNUMBERED_WIRE,
  wireKeys,
} from "./greeting-codec.ts";
import { takeDescriptor } from "./raw-socket.ts";
import { endText, GREETING_MS, type Wire, WireError } from "./wire.ts";

/** Where a reader listens, and which wire is meant. */
export interface WireAim {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  /** What both sides have to prove to know. */
  readonly key?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told why a wire is not there yet, each time that is tried in vain. */
  readonly onRetry?: (reason: string) => void;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;
/** A reader may let us wait as long as a greeting may take; then it closes the connection. */
const ATTEMPT_MS = GREETING_MS + 2000;

/** Errors of the host that are the same however often it is asked. */
const HOPELESS = new Set(["EAFNOSUPPORT", "EINVAL", "EACCES", "EPERM", "ENOTFOUND"]);

/**
 * Connects a wire to its reader, which may begin to listen later: tried again until the signal
 * says otherwise. A reader that closes the connection may wait for this wire only later, so that
 * is tried again as well.
 * @throws WireError where trying again is of no use; the reason of the signal
 */
export async function reachWire(aim: WireAim): Promise<Wire> {
  const { name, signal } = aim;
  assert(isWireName(name), "names of wires fit a greeting");
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    signal?.throwIfAborted();
    const tried = await new Attempt(aim).result;
    if (typeof tried !== "string") return tried;
    aim.onRetry?.(tried);
    await pause(pauseMs, signal);
  }
}

/** @throws the reason of the signal */
async function pause(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** One connection, from the hello to the go. */
class Attempt {
  /** The wire, or why it is not there yet. */
  readonly result: Promise<Wire | string>;
  readonly #aim: WireAim;
  readonly #socket: Socket;
  readonly #hello: Uint8Array;
  readonly #received: number[] = [];
  #answer: Answer | undefined;
  #settle: (result: Wire | string | Error) => void = () => undefined;

  constructor(aim: WireAim) {
    const { host, port, key, name, signal } = aim;
    this.#aim = aim;
    this.#hello = encodeHello(name, key !== undefined, randomBytes(NONCE_BYTES));
    const onread = {
      // One byte at a time: what follows the go belongs to the cell, and stays in the kernel.
      buffer: new Uint8Array(1),
      callback: (_count: number, [byte = 0]: Uint8Array): boolean => this.#take(byte),
    };
    this.#socket = connect({ host, port, onread, noDelay: true });
    this.result = new Promise((resolve, reject) => {
      const abort = (): void => this.#settle(abortError(signal));
      const deadline = setTimeout(() => this.#settle(`${this.#where} is silent`), ATTEMPT_MS);
      signal?.addEventListener("abort", abort, { once: true });
      this.#settle = (result) => {
        this.#settle = () => undefined;
        clearTimeout(deadline);
        signal?.removeEventListener("abort", abort);
        this.#socket.destroy();
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
    });
    this.#socket.on("connect", () => this.#begin());
    this.#socket.on("error", (error) => this.#settle(this.#failure(error)));
    this.#socket.on("end", () => this.#settle(this.#closed));
    this.#socket.on("close", () => this.#settle(this.#closed));
  }

  get #where(): string {
    return endText(this.#aim.host, this.#aim.port);
  }

  get #closed(): string {
    return `${this.#where} ${unexpected(this.#aim.name)}`;
  }

  #begin(): void {
    const { localPort, localAddress, remotePort, remoteAddress } = this.#socket;
    // A port that nobody listens at can be the one that the kernel gave to this very connection.
    if (localPort === remotePort && localAddress === remoteAddress) {
      this.#settle(`Nobody listens at ${this.#where}`);
      return;
    }
    this.#socket.write(this.#hello);
  }

  #failure(error: Error & { readonly code?: string }): string | WireError {
    const { code = "" } = error;
    if (HOPELESS.has(code)) return new WireError(`Cannot reach ${this.#where}: ${code}`);
    if (code === "ECONNREFUSED") return `Nobody listens at ${this.#where}`;
    return code === "ECONNRESET" || code === "EPIPE" ? this.#closed : `${this.#where}: ${code}`;
  }

  /** @returns whether to read on */
  #take(byte: number): boolean {
    if (this.#answer !== undefined) {
      this.#finish(this.#answer, byte);
      return false;
    }
    this.#received.push(byte);
    const answer = readAnswer(Uint8Array.from(this.#received));
    if (answer === "more") return true;
    const fault = answer === "bad" ? NO_READER : this.#faultOf(answer);
    if (answer === "bad" || fault !== undefined) {
      this.#settle(new WireError(`${this.#where} ${fault}`));
      return false;
    }
    this.#answer = answer;
    this.#socket.write(proofOf(this.#aim.key, "W", this.#hello, answer.head));
    return true;
  }

  #faultOf({ hasKey, head, proof }: Answer): string | undefined {
    const { key } = this.#aim;
    if (hasKey && key === undefined) return "has a key for its wires, and none was given here";
    if (!hasKey && key !== undefined) return "has no key for its wires, and one was given here";
    const expected = proofOf(key, "R", this.#hello, head);
    return isSameProof(expected, proof) ? undefined : "has another key for its wires";
  }

  #finish({ head }: Answer, byte: number): void {
    if (byte !== GO) {
      this.#settle(new WireError(`${this.#where} ${NO_READER}`));
      return;
    }
    const { key } = this.#aim;
    const peer = endText(this.#socket.remoteAddress, this.#socket.remotePort);
    const keys = key === undefined ? {} : { keys: wireKeys(key, this.#hello, head) };
    try {
      this.#settle({ fd: takeDescriptor(this.#socket), peer, ...keys });
    } catch {
      this.#settle(this.#closed);
    }
  }
}

const NO_READER = "is no reader of wires: what it says is no greeting";

/** Why a reader may have closed the connection before the last word. */
function unexpected(name: string): string {
  if (name === UNNUMBERED_WIRE) {
    return "closed the connection: it is no reader, or waits for another writer";
  }
  const nodes = /^(\d+)>(\d+)$/.exec(name);
  if (nodes === null) return `does not wait for the wire ${name}`;
  return `does not wait as node ${nodes[2]} for node ${nodes[1]}`;
}

function abortError(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error("Nobody wants the wire any more");
}
