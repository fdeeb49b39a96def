import type { Hash } from "../base/index.ts";

/**
 * The digest over every byte that passed a channel, reads and writes mixed, in the order of the
 * transfers. Small pieces are collected, because one call of a hash costs more than they do.
 */
export class TransferDigest {
  readonly #hash: Hash;
  readonly #collected = new Uint8Array(COLLECTED_BYTES_MAX);
  #collectedBytes = 0;
  #finished: string | undefined;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  update(memory: Uint8Array, start: number, size: number): void {
    if (this.#collectedBytes + size > COLLECTED_BYTES_MAX) this.#drain();
    const piece = memory.subarray(start, start + size);
    if (size >= COLLECTED_BYTES_MAX) {
      this.#hash.update(piece);
      return;
    }
    this.#collected.set(piece, this.#collectedBytes);
    this.#collectedBytes += size;
  }

  /** Lower-case hexadecimal; nothing may be added after the first call. */
  finish(): string {
    if (this.#finished === undefined) {
      this.#drain();
      this.#finished = this.#hash.digestHex();
    }
    return this.#finished;
  }

  #drain(): void {
    if (this.#collectedBytes === 0) return;
    this.#hash.update(this.#collected.subarray(0, this.#collectedBytes));
    this.#collectedBytes = 0;
  }
}

const COLLECTED_BYTES_MAX = 4096;
