import { assert } from "../base/index.ts";
import type { Seal, Wire } from "./wire.ts";
import { DATA_BYTES_MAX, HEAD_BYTES, type Head, readHead } from "./wire-message.ts";

/** The messages of one direction as they come. */
export interface MessageIntake {
  /**
   * Goes to the next message; the body of the one before was taken whole. All of a short message
   * is here then. Where the wire throws because nothing is there yet, it can be asked again.
   * @returns `gone` where the other side closed, `malformed` where no message came
   * @throws what the wire throws
   */
  next(): Head | "gone" | "malformed";
  /**
   * Takes at least one byte of the body, at most `size` and what is left of it.
   * @returns bytes, 0 where the other side closed
   */
  take(memory: Uint8Array, start: number, size: number): number;
}

/** Bytes that are read ahead of a head: small messages come several at once. */
const AHEAD_BYTES = 4096;

/** Messages that are not sealed: what is large goes where it belongs without a copy between. */
export class OpenIntake implements MessageIntake {
  readonly #wire: Wire;
  readonly #ahead = new Uint8Array(AHEAD_BYTES);
  #at = 0;
  #end = 0;
  #left = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  next(): Head | "gone" | "malformed" {
    assert(this.#left === 0, "a body is taken before the next message");
    if (!this.#fill(HEAD_BYTES)) return "gone";
    const head = readHead(this.#ahead.subarray(this.#at, this.#at + HEAD_BYTES));
    if (head === undefined) return "malformed";
    if (head.kind !== "data" && !this.#fill(HEAD_BYTES + head.bodyBytes)) return "gone";
    this.#at += HEAD_BYTES;
    this.#left = head.bodyBytes;
    return head;
  }

  take(memory: Uint8Array, start: number, size: number): number {
    const wanted = Math.min(size, this.#left);
    const held = Math.min(wanted, this.#end - this.#at);
    if (held > 0) {
      memory.set(this.#ahead.subarray(this.#at, this.#at + held), start);
      this.#at += held;
      this.#left -= held;
      return held;
    }
    const got = this.#wire.receive(memory, start, wanted);
    this.#left -= got;
    return got;
  }

  /** @returns whether so many bytes are read ahead; false where the other side closed before */
  #fill(size: number): boolean {
    while (this.#end - this.#at < size) {
      this.#ahead.copyWithin(0, this.#at, this.#end);
      this.#end -= this.#at;
      this.#at = 0;
      const got = this.#wire.receive(this.#ahead, this.#end, AHEAD_BYTES - this.#end);
      if (got === 0) return false;
      this.#end += got;
    }
    return true;
  }
}

/** Sealed messages: a body is looked at when all of it came and was opened. */
export class SealedIntake implements MessageIntake {
  readonly #wire: Wire;
  readonly #seal: Seal;
  /** A head and what follows it, as far as it came. */
  readonly #message: Uint8Array;
  #gotBytes = 0;
  readonly #opened = new Uint8Array(DATA_BYTES_MAX);
  #body: Uint8Array = EMPTY;
  #number = 0n;

  constructor(wire: Wire, seal: Seal) {
    this.#wire = wire;
    this.#seal = seal;
    this.#message = new Uint8Array(HEAD_BYTES + DATA_BYTES_MAX + seal.tagBytes);
  }

  next(): Head | "gone" | "malformed" {
    assert(this.#body.length === 0, "a body is taken before the next message");
    if (!this.#fill(HEAD_BYTES)) return "gone";
    const plain = this.#message.subarray(0, HEAD_BYTES);
    const head = readHead(plain);
    if (head === undefined) return "malformed";
    const messageBytes = HEAD_BYTES + head.bodyBytes + this.#seal.tagBytes;
    if (!this.#fill(messageBytes)) return "gone";
    const sealed = this.#message.subarray(HEAD_BYTES, messageBytes);
    if (!this.#seal.open(this.#number, plain, sealed, this.#opened)) return "malformed";
    this.#gotBytes = 0;
    this.#number += 1n;
    this.#body = this.#opened.subarray(0, head.bodyBytes);
    return head;
  }

  take(memory: Uint8Array, start: number, size: number): number {
    const taken = this.#body.subarray(0, size);
    memory.set(taken, start);
    this.#body = this.#body.subarray(taken.length);
    return taken.length;
  }

  #fill(size: number): boolean {
    while (this.#gotBytes < size) {
      const at = this.#gotBytes;
      const got = this.#wire.receive(this.#message, at, size - at);
      if (got === 0) return false;
      this.#gotBytes += got;
    }
    return true;
  }
}

const EMPTY = new Uint8Array(0);
