/** One connection at a door: a writer that greets, or something else. */
import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import type { Socket } from "node:net";
import {
  encodeAnswer,
  GO,
  HELLO_BYTES_MAX,
  type Hello,
  isSameProof,
  NONCE_BYTES,
  PROOF_BYTES,
  proofOf,
  readHello,
  wireKeys,
} from "./greeting-codec.ts";
import { closeQuietly, takeDescriptor } from "./raw-socket.ts";
import { endText, GREETING_MS, type Wire } from "./wire.ts";

/** Why one that connected is no wire, as far as its own doing tells. */
export type Refusal =
  | "with another key"
  | "with no key"
  | "with a key, and none is here"
  | "with no good greeting"
  | "for another wire";

/** Who hears of a caller: it said its name, proved that it is who it says, or is gone. */
export interface CallerEvents {
  onHello(caller: Caller, hello: Hello): void;
  onProved(caller: Caller): void;
  onRefused(why: Refusal): void;
  onGone(caller: Caller): void;
}

/** What was answered to a caller. */
interface Answered {
  readonly key: Uint8Array | undefined;
  readonly head: Uint8Array;
}

/**
 * Takes in no more than a greeting has, each step only after the one before was answered, all of
 * it in a bounded time: whatever is not like that is closed.
 */
export class Caller {
  readonly #socket: Socket;
  readonly #events: CallerEvents;
  readonly #deadline: NodeJS.Timeout;
  readonly #peer: string;
  #bytes: Buffer = Buffer.alloc(0);
  #hello: Hello | undefined;
  #answered: Answered | undefined;
  #isRefused = false;
  #isDone = false;

  constructor(socket: Socket, events: CallerEvents, greetingMs = GREETING_MS) {
    this.#socket = socket;
    this.#events = events;
    this.#peer = endText(socket.remoteAddress, socket.remotePort);
    this.#deadline = setTimeout(() => this.#leave("too late"), greetingMs);
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    // The end says so as well.
    socket.on("error", () => undefined);
    socket.on("end", () => this.#leave("closed"));
    socket.on("close", () => this.#leave("closed"));
  }

  /** What it said that it is for; undefined as long as it said nothing. */
  get name(): string | undefined {
    return this.#hello?.name;
  }

  /** Whether it was told to prove itself. */
  get isAnswered(): boolean {
    return this.#answered !== undefined;
  }

  /** Proves the key to it. One with no key where we have one, or the other way, learns that. */
  answer(key: Uint8Array | undefined): void {
    const hello = this.#hello;
    if (hello === undefined || this.#isDone || this.#isRefused || this.isAnswered) return;
    const { bytes, head } = encodeAnswer(hello.bytes, key, randomBytes(NONCE_BYTES));
    if (hello.hasKey !== (key !== undefined)) {
      this.#isRefused = true;
      this.#events.onRefused(hello.hasKey ? "with a key, and none is here" : "with no key");
      this.#socket.end(bytes, () => this.drop());
      return;
    }
    this.#answered = { key, head };
    this.#socket.write(bytes);
  }

  /**
   * Says the last word and takes the connection out of Node.
   * @returns undefined where it is gone
   */
  admit(): Wire | undefined {
    const hello = this.#hello;
    const answered = this.#answered;
    if (this.#isDone || hello === undefined || answered === undefined) return undefined;
    this.#finish();
    let fd: number | undefined;
    try {
      fd = takeDescriptor(this.#socket);
      writeSync(fd, Uint8Array.of(GO));
    } catch {
      if (fd !== undefined) closeQuietly(fd);
      return undefined;
    }
    const { key, head } = answered;
    const keys = key === undefined ? {} : { keys: wireKeys(key, hello.bytes, head) };
    return { fd, peer: this.#peer, ...keys };
  }

  drop(): void {
    this.#socket.destroy();
    this.#finish();
  }

  #refuse(why: Refusal): void {
    if (!this.#isDone && !this.#isRefused) this.#events.onRefused(why);
    this.drop();
  }

  /** It ends without being a wire. One that reads our proof and goes has another key. */
  #leave(how: "closed" | "too late"): void {
    if (this.#hello === undefined) this.#refuse("with no good greeting");
    else if (this.#answered?.key !== undefined && how === "closed")
      this.#refuse("with another key");
    else if (this.#answered !== undefined) this.#refuse("with no good greeting");
    else if (how === "too late") this.#refuse("for another wire");
    else this.drop();
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#deadline);
    this.#events.onGone(this);
  }

  #take(bytes: Buffer): void {
    if (this.#isDone) return;
    if (this.#bytes.length + bytes.length > this.#room) {
      // Nothing may come before the answer, and nothing behind the proof.
      this.#refuse("with no good greeting");
      return;
    }
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#hello === undefined) this.#takeHello();
    else if (this.#answered !== undefined) this.#takeProof(this.#hello, this.#answered);
  }

  /** How much the step has that we are at. */
  get #room(): number {
    if (this.#hello === undefined) return HELLO_BYTES_MAX;
    return this.#answered === undefined ? 0 : PROOF_BYTES;
  }

  #takeHello(): void {
    const hello = readHello(this.#bytes);
    if (hello === "bad") this.#refuse("with no good greeting");
    if (typeof hello === "string") return;
    this.#hello = hello;
    this.#bytes = Buffer.alloc(0);
    this.#events.onHello(this, hello);
  }

  #takeProof(hello: Hello, { key, head }: Answered): void {
    if (this.#bytes.length < PROOF_BYTES) return;
    const expected = proofOf(key, "W", hello.bytes, head);
    if (isSameProof(expected, this.#bytes)) this.#events.onProved(this);
    else this.#refuse("with another key");
  }
}
