import type { ByteSource } from "../base/index.ts";
import { BLOCK_BYTES } from "./layout.ts";

const WINDOW_BYTES = 128 * 1024;
const FIRST_READ_BYTES = 16 * 1024;
const JUMP_READ_BYTES = 4096;

/**
 * The part of an archive that headers are read from. Headers that lie close together come with
 * few large reads; after a jump over large contents little is read, since another may follow.
 */
export class BlockWindow {
  /** What was read; positions are those that `seek` answers. */
  readonly bytes = new Uint8Array(WINDOW_BYTES);
  /** The same memory by words, for the checksum. */
  readonly words = new Uint32Array(this.bytes.buffer);
  readonly #source: ByteSource;
  #start = 0;
  #end = 0;
  #readBytes = FIRST_READ_BYTES;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The position in `bytes` of the block at `offset`, or -1 where the source ends within it. */
  seek(offset: number): number {
    if (offset < this.#start || offset + BLOCK_BYTES > this.#end) this.#load(offset);
    return offset + BLOCK_BYTES > this.#end ? -1 : offset - this.#start;
  }

  /** The bytes at `offset`, good until the next call; fewer than `size` where the source ends. */
  view(offset: number, size: number): Uint8Array {
    if (offset >= this.#start && offset + size <= this.#end) {
      return this.bytes.subarray(offset - this.#start, offset - this.#start + size);
    }
    const copy = new Uint8Array(Math.max(0, Math.min(size, this.#source.sizeBytes - offset)));
    return copy.subarray(0, this.#source.read(offset, copy));
  }

  #load(offset: number): void {
    const gap = offset - this.#end;
    if (this.#end > 0) {
      this.#readBytes =
        gap > this.#readBytes ? JUMP_READ_BYTES : Math.min(this.#readBytes * 2, WINDOW_BYTES);
    }
    const size = Math.min(this.#readBytes, this.#source.sizeBytes - offset);
    const into = this.bytes.subarray(0, Math.max(0, size));
    this.#start = offset;
    this.#end = offset + this.#source.read(offset, into);
  }
}
