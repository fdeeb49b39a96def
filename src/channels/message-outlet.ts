import type { Seal, Wire } from "./wire.ts";
import { DATA_BYTES_MAX, HEAD_BYTES, type MessageKind, writeHead } from "./wire-message.ts";

/** The messages of one direction as they go. */
export class MessageOutlet {
  readonly #wire: Wire;
  readonly #seal: Seal | undefined;
  readonly #staged: Uint8Array;
  #number = 0n;
  /** A message went out in part, or the last one: nothing that follows it could be understood. */
  #isTorn = false;
  /** What of the last message did not go out. */
  #rest: Uint8Array = EMPTY;

  constructor(wire: Wire, seal: Seal | undefined) {
    this.#wire = wire;
    this.#seal = seal;
    const sealedBytes = HEAD_BYTES + DATA_BYTES_MAX + (seal?.tagBytes ?? 0);
    this.#staged = new Uint8Array(seal === undefined ? STAGED_BYTES : sealedBytes);
  }

  /** @throws HostIoError as the wire */
  send(kind: MessageKind, memory: Uint8Array, start: number, size: number): void {
    const staged = this.#staged;
    writeHead(staged, { kind, bodyBytes: size });
    this.#isTorn = true;
    if (this.#seal === undefined) this.#sendOpen(memory, start, size);
    else {
      const messageBytes = this.#sealed(this.#seal, memory.subarray(start, start + size));
      this.#wire.send(staged, 0, messageBytes);
    }
    this.#isTorn = false;
  }

  /** Sends a last short message where there is room for it and the one before went out whole. */
  offer(kind: MessageKind, body: Uint8Array): void {
    if (this.#isTorn) return;
    this.begin(kind, body);
    this.push();
  }

  /** Begins the last message, a short one, which `push` and `finish` send. */
  begin(kind: MessageKind, body: Uint8Array): void {
    this.#isTorn = true;
    const staged = this.#staged;
    writeHead(staged, { kind, bodyBytes: body.length });
    let messageBytes = HEAD_BYTES + body.length;
    if (this.#seal === undefined) staged.set(body, HEAD_BYTES);
    else messageBytes = this.#sealed(this.#seal, body);
    this.#rest = staged.subarray(0, messageBytes);
  }

  /** Sends what there is room for of the last message. @returns whether some of it is left */
  push(): boolean {
    const rest = this.#rest;
    if (rest.length > 0) this.#rest = rest.subarray(this.#wire.offer(rest));
    return this.#rest.length > 0;
  }

  /** Sends what is left of the last message. @throws HostIoError as the wire */
  finish(): void {
    // What is sent here is not offered besides, where something is done while it waits.
    const rest = this.#rest;
    this.#rest = EMPTY;
    if (rest.length > 0) this.#wire.send(rest, 0, rest.length);
  }

  /** Head and the first bytes go in one call, the rest from where it lies. */
  #sendOpen(memory: Uint8Array, start: number, size: number): void {
    const first = Math.min(size, STAGED_BODY_BYTES);
    this.#staged.set(memory.subarray(start, start + first), HEAD_BYTES);
    this.#wire.send(this.#staged, 0, HEAD_BYTES + first);
    if (first < size) this.#wire.send(memory, start + first, size - first);
  }

  /** @returns bytes of the sealed message, which is staged now */
  #sealed(seal: Seal, body: Uint8Array): number {
    const staged = this.#staged;
    seal.seal(this.#number, staged.subarray(0, HEAD_BYTES), body, staged.subarray(HEAD_BYTES));
    this.#number += 1n;
    return HEAD_BYTES + body.length + seal.tagBytes;
  }
}

const EMPTY = new Uint8Array(0);

/** What is copied to be sent with its head; the reader reads as much ahead. */
const STAGED_BYTES = 4096;
const STAGED_BODY_BYTES = STAGED_BYTES - HEAD_BYTES;

/** Cuts what is written into messages: where each begins, and how long it is. */
export function forMessages(size: number, send: (at: number, part: number) => void): void {
  for (let at = 0; at < size; at += DATA_BYTES_MAX) send(at, Math.min(DATA_BYTES_MAX, size - at));
}
