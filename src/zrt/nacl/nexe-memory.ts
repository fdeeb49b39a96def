import { type ByteString, byteStringOf, ERRNO, type Errno } from "../../base/index.ts";
import { PATH_BYTES_MAX, type Spans } from "../fs/index.ts";
import type { Trace } from "../trace/index.ts";
import { GuestFault, type GuestMemory } from "../wasi/index.ts";
import type { HeapPages } from "./heap-pages.ts";
import type { Regions } from "./regions.ts";

/** What a call does with memory of the guest. */
export type MemoryUse = "read" | "write";

/** Largest count of one transfer, as in Linux; what asks for more gets as much. */
const TRANSFER_BYTES_MAX = 0x7fff_ffff;

/** Where a guest's memory lies, and what it may do with it. */
export interface MemoryPlan {
  /** Guest address of the first byte of linear memory. */
  readonly base: number;
  readonly regions: Regions;
  /** Which pages of the heap are there; absent: all of them. */
  readonly pages?: HeapPages;
}

/**
 * The memory of a nexe guest by its own addresses, unsigned 32-bit numbers. What it may not read,
 * or write, throws `GuestFault`. Every write goes into the trace.
 */
export class NexeMemory {
  readonly #memory: GuestMemory;
  readonly #plan: MemoryPlan;
  readonly #trace: Trace;
  readonly #spans: Spans = { pairs: [], count: 0, totalBytes: 0 };

  constructor(memory: GuestMemory, plan: MemoryPlan, trace: Trace) {
    this.#memory = memory;
    this.#plan = plan;
    this.#trace = trace;
  }

  /** Called at the start of each call, see `GuestMemory`. */
  refresh(): void {
    this.#memory.refresh();
  }

  /** Linear memory, for what transfers by `span`. */
  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  check(address: number, sizeBytes: number, use: MemoryUse): void {
    if (sizeBytes > 0 && !this.#allows(address, sizeBytes, use)) throw new GuestFault();
  }

  /** One piece of memory for a transfer, cut to what one call may transfer. */
  span(address: number, sizeBytes: number, use: MemoryUse): Spans {
    const size = Math.min(sizeBytes, TRANSFER_BYTES_MAX);
    this.check(address, size, use);
    const spans = this.#spans;
    spans.pairs[0] = size > 0 ? address - this.#plan.base : 0;
    spans.pairs[1] = size;
    spans.count = 1;
    spans.totalBytes = size;
    return spans;
  }

  readU32(address: number): number {
    return Number(BigInt.asUintN(32, this.#view(address, 4).getBigUint64(0, true)));
  }

  readI64(address: number): bigint {
    return this.#view(address, 8).getBigInt64(0, true);
  }

  /** A path or name up to its NUL. */
  readPath(address: number): ByteString | Errno {
    this.check(address, 1, "read");
    const start = address - this.#plan.base;
    const bytes = this.bytes.subarray(start, start + PATH_BYTES_MAX);
    const size = bytes.indexOf(0);
    this.check(address, size < 0 ? PATH_BYTES_MAX : size + 1, "read");
    return size < 0 ? ERRNO.ENAMETOOLONG : byteStringOf(bytes, 0, size);
  }

  write(address: number, bytes: Uint8Array): void {
    // Nothing may be written anywhere, also where no memory is.
    if (bytes.length === 0) return;
    this.check(address, bytes.length, "write");
    this.bytes.set(bytes, address - this.#plan.base);
    this.wrote(address, bytes.length);
  }

  writeU32(address: number, value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    this.write(address, bytes);
  }

  writeI64(address: number, value: bigint): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, value, true);
    this.write(address, bytes);
  }

  /** Takes down what a transfer wrote. */
  wrote(address: number, sizeBytes: number): void {
    this.#trace.wrote(this.bytes, address - this.#plan.base, sizeBytes, address);
  }

  #view(address: number, sizeBytes: number): DataView {
    this.check(address, sizeBytes, "read");
    const view = new DataView(new ArrayBuffer(8));
    const start = address - this.#plan.base;
    for (let index = 0; index < sizeBytes; index++) {
      view.setUint8(index, this.bytes[start + index] ?? 0);
    }
    return view;
  }

  #allows(address: number, sizeBytes: number, use: MemoryUse): boolean {
    const { base, regions, pages } = this.#plan;
    if (address < base || address - base + sizeBytes > this.bytes.length) return false;
    const isWritten = use === "write";
    if (!regions.allows(BigInt(address), sizeBytes, isWritten)) return false;
    return pages === undefined || pages.allow(address, sizeBytes, isWritten);
  }
}
