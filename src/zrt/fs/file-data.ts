import { type ByteSource, ERRNO, type Errno, HostIoError } from "../../base/index.ts";
import type { Budget } from "./budget.ts";

/** Contents are kept in pages of this size: a file with holes costs only what was written. */
export const PAGE_BYTES = 65_536;

/** Largest file: beyond it offsets would not be exact numbers any more. */
export const FILE_BYTES_MAX = 2 ** 53 - 1;

const PAGE_BYTES_MIN = 256;
/** A file of more pages than these gets no small ones: what each takes beside its bytes counts. */
const SMALL_PAGES_MAX = 1024;
const LATER_PAGE_BYTES_MIN = 4096;
/** Half of what one map of the engine can hold; whole pages of that number are 512 GiB. */
const PAGES_MAX = 2 ** 23;

/** A stretch of an image in which the contents of a file stand until they are changed. */
export interface Backing {
  readonly source: ByteSource;
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * The contents of one regular file: pages in memory over an optional stretch of an image (copy on
 * write, by page). A page may be shorter than `PAGE_BYTES`; what it lacks is zeros. What is
 * neither in a page nor in the image is a hole and reads as zeros.
 */
export class FileData {
  #sizeBytes: number;
  /** Made with the first write: most files of an image are only read, many not even that. */
  #pages: Map<number, Uint8Array> | undefined;
  readonly #budget: Budget;
  readonly #backing: Backing | undefined;
  /** Bytes of the image that still show through; cutting the file lowers it for good. */
  #backedBytes: number;

  constructor(budget: Budget, backing?: Backing) {
    this.#budget = budget;
    this.#backing = backing;
    this.#backedBytes = backing?.sizeBytes ?? 0;
    this.#sizeBytes = this.#backedBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Something was written since it was made, or it was cut. */
  get isChanged(): boolean {
    return this.#pages !== undefined || this.#sizeBytes !== (this.#backing?.sizeBytes ?? 0);
  }

  /** @returns bytes read into `memory` at `start`; 0 at or after the end. */
  read(memory: Uint8Array, start: number, size: number, offset: number): number {
    const end = Math.min(offset + size, this.#sizeBytes);
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / PAGE_BYTES);
      const inPage = at - index * PAGE_BYTES;
      const count = Math.min(end - at, PAGE_BYTES - inPage);
      const target = memory.subarray(start + (at - offset), start + (at - offset) + count);
      const page = this.#pages?.get(index);
      if (page === undefined) this.#readBacking(target, at);
      else readPage(page, target, inPage);
      at += count;
    }
    return Math.max(0, end - offset);
  }

  /**
   * Writes `size` bytes at `offset`, leaving a hole where that is past the end.
   * @returns bytes written, less than `size` where `fs-bytes` was met on the way; -EFBIG past the
   *   largest offset, -ENOSPC where not a byte found room.
   */
  write(memory: Uint8Array, start: number, size: number, offset: number): number {
    const end = offset + size;
    if (end > FILE_BYTES_MAX) return -ERRNO.EFBIG;
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / PAGE_BYTES);
      const inPage = at - index * PAGE_BYTES;
      const count = Math.min(end - at, PAGE_BYTES - inPage);
      const page = this.#pageToWrite(index, inPage, count);
      if (typeof page === "number") return at > offset ? at - offset : -page;
      page.set(memory.subarray(start + (at - offset), start + (at - offset) + count), inPage);
      at += count;
      if (at > this.#sizeBytes) this.#sizeBytes = at;
    }
    return size;
  }

  /** Cuts the file or extends it with a hole. */
  truncate(sizeBytes: number): Errno {
    if (sizeBytes > FILE_BYTES_MAX) return ERRNO.EFBIG;
    if (sizeBytes < this.#sizeBytes) this.#cutPages(sizeBytes);
    this.#backedBytes = Math.min(this.#backedBytes, sizeBytes);
    this.#sizeBytes = sizeBytes;
    return ERRNO.OK;
  }

  /** Gives the memory back; the file is empty afterwards. */
  discard(): void {
    this.truncate(0);
  }

  /** Bytes that this file takes in memory. */
  get heldBytes(): number {
    let held = 0;
    for (const page of this.#pages?.values() ?? []) held += page.length;
    return held;
  }

  #readBacking(target: Uint8Array, offset: number): void {
    const backed = Math.max(0, Math.min(target.length, this.#backedBytes - offset));
    if (backed > 0 && this.#backing !== undefined) {
      const got = this.#backing.source.read(
        this.#backing.offset + offset,
        target.subarray(0, backed),
      );
      if (got < backed) throw new HostIoError("EIO", "An image became shorter while it was in use");
      target.fill(0, backed);
      return;
    }
    target.fill(0);
  }

  #pageToWrite(index: number, inPage: number, count: number): Uint8Array | Errno {
    const pageStart = index * PAGE_BYTES;
    const pages = this.#pages ?? new Map<number, Uint8Array>();
    const old = pages.get(index);
    const backed =
      old === undefined ? Math.max(0, Math.min(PAGE_BYTES, this.#backedBytes - pageStart)) : 0;
    const needed = Math.max(inPage + count, backed);
    if (old !== undefined && old.length >= needed) return old;
    const least = pages.size < SMALL_PAGES_MAX ? PAGE_BYTES_MIN : LATER_PAGE_BYTES_MIN;
    const length = roundUpToPower(needed, least);
    const charged = this.#chargePage(
      length - (old?.length ?? 0),
      old === undefined ? pages.size : 0,
    );
    if (charged !== ERRNO.OK) return charged;
    const page = new Uint8Array(length);
    if (old !== undefined) page.set(old);
    else if (backed > 0) this.#readBacking(page.subarray(0, backed), pageStart);
    pages.set(index, page);
    this.#pages = pages;
    return page;
  }

  #chargePage(count: number, pageCount: number): Errno {
    if (pageCount < PAGES_MAX) return this.#budget.chargeBytes(count);
    this.#budget.noteHit("fs-bytes");
    return ERRNO.ENOSPC;
  }

  #cutPages(sizeBytes: number): void {
    if (this.#pages === undefined) return;
    for (const [index, page] of this.#pages) {
      const keep = Math.max(0, sizeBytes - index * PAGE_BYTES);
      if (keep >= page.length) continue;
      if (keep > 0) {
        page.fill(0, keep);
        continue;
      }
      this.#pages.delete(index);
      this.#budget.chargeBytes(-page.length);
    }
  }
}

function readPage(page: Uint8Array, target: Uint8Array, inPage: number): void {
  const held = Math.max(0, Math.min(target.length, page.length - inPage));
  if (held > 0) target.set(page.subarray(inPage, inPage + held));
  if (held < target.length) target.fill(0, held);
}

function roundUpToPower(size: number, least: number): number {
  let length = least;
  while (length < size) length *= 2;
  return length;
}
