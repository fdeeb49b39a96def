import type { Spans } from "../fs/index.ts";
import type { Trace } from "../trace/index.ts";

/** Linux takes as many iovecs in one call, and as many bytes. */
const IOVECS_MAX = 1024;
const TRANSFER_BYTES_MAX = 0x7fff_ffff;

/** The guest gave a pointer outside of its memory; the call answers EFAULT. */
export class GuestFault extends Error {
  override readonly name = "GuestFault";
}

/**
 * The linear memory of a guest. Every write goes through here and into the trace; a pointer
 * outside of memory throws `GuestFault`, which the call's wrapper turns into EFAULT. Calls check
 * where their results go before they do anything.
 */
export class GuestMemory {
  readonly #memory: () => WebAssembly.Memory;
  readonly #trace: Trace;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(memory: () => WebAssembly.Memory, trace: Trace) {
    this.#memory = memory;
    this.#trace = trace;
  }

  /**
   * Called at the start of each call: memory that grew has a new buffer, and the old one, detached,
   * has no length any more. Asking the engine for the buffer each time costs more than the rest.
   */
  refresh(): void {
    if (this.#bytes.length !== 0) return;
    const { buffer } = this.#memory();
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** All of memory; valid until the call ends. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  check(pointer: number, sizeBytes: number): void {
    if (pointer + sizeBytes > this.#bytes.length) throw new GuestFault();
  }

  readU16(pointer: number): number {
    this.check(pointer, 2);
    return this.#view.getUint16(pointer, true);
  }

  readU32(pointer: number): number {
    this.check(pointer, 4);
    return this.#view.getUint32(pointer, true);
  }

  readU64(pointer: number): bigint {
    this.check(pointer, 8);
    return this.#view.getBigUint64(pointer, true);
  }

  writeU32(pointer: number, value: number): void {
    this.check(pointer, 4);
    this.#view.setUint32(pointer, value, true);
    this.#trace.wroteU32(pointer, value);
  }

  writeU64(pointer: number, value: bigint): void {
    this.check(pointer, 8);
    this.#view.setBigUint64(pointer, value, true);
    this.#trace.wrote(this.#bytes, pointer, 8);
  }

  write(pointer: number, bytes: Uint8Array): void {
    this.check(pointer, bytes.length);
    this.#bytes.set(bytes, pointer);
    this.#trace.wrote(this.#bytes, pointer, bytes.length);
  }

  /**
   * Reads an array of iovecs (pointer and size, 8 bytes each) into `spans`. The pieces may
   * overlap.
   *
   * @returns false for more iovecs or bytes than one call takes (EINVAL, as in Linux).
   */
  readSpans(pointer: number, count: number, spans: Spans): boolean {
    this.check(pointer, count * 8);
    if (count > IOVECS_MAX) return false;
    let total = 0;
    for (let index = 0; index < count; index++) {
      const start = this.#view.getUint32(pointer + 8 * index, true);
      const size = this.#view.getUint32(pointer + 8 * index + 4, true);
      this.check(start, size);
      spans.pairs[2 * index] = start;
      spans.pairs[2 * index + 1] = size;
      total += size;
    }
    spans.count = count;
    spans.totalBytes = total;
    return total <= TRANSFER_BYTES_MAX;
  }
}
