import { ERRNO } from "../../base/index.ts";
import type { HeapState } from "./nacl-state.ts";

/** Native Client gives memory out by pages of this size. */
export const HEAP_PAGE_BYTES = 0x1_0000;

const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_ALL = PROT_READ | PROT_WRITE;
/** Beside the two above: the page belongs to the guest, and: it did before. */
const MAPPED = 4;
const USED = 8;

/** The part of the address space from the end of the data to the end of the heap. */
export interface HeapRange {
  readonly start: number;
  readonly end: number;
}

/** What a mapping is asked for. */
export interface MapRequest {
  /** Where it has to begin, or may. */
  readonly address: number;
  readonly isFixed: boolean;
  readonly sizeBytes: number;
  /** Bits of PROT_READ and PROT_WRITE. */
  readonly protection: number;
}

/**
 * Which pages of the heap a guest was given: those below its break, which grows from the end of
 * its data, and mappings, which are placed from the top. It says what the calls may use; the stores
 * of the guest's own code do not ask it. Results are addresses or negative errnos.
 */
export class HeapPages {
  readonly #start: number;
  readonly #end: number;
  /** By page, from the first whole one of the heap on. */
  readonly #pages: Uint8Array;
  readonly #firstPage: number;
  readonly #clear: (start: number, end: number) => void;
  #break: number;
  #highestBreak: number;

  /**
   * @param clear fills guest memory with zeros
   * @param resumed what `state` gave for a guest that goes on; its numbers may be any
   */
  constructor(
    { start, end }: HeapRange,
    clear: (start: number, end: number) => void,
    resumed?: HeapState,
  ) {
    this.#start = start;
    this.#end = end;
    this.#firstPage = pageOf(start + HEAP_PAGE_BYTES - 1);
    this.#pages = new Uint8Array(Math.max(0, pageOf(end) - this.#firstPage));
    this.#clear = clear;
    this.#break = start;
    this.#highestBreak = start;
    if (resumed !== undefined) this.#resume(resumed);
  }

  /** Which pages it gave out, as numbers. */
  get state(): HeapState {
    const runs: { pages: number; flags: number }[] = [];
    for (const flags of this.#pages) {
      const last = runs.at(-1);
      if (last?.flags === flags) last.pages += 1;
      else runs.push({ pages: 1, flags });
    }
    return { break: this.#break, highestBreak: this.#highestBreak, runs };
  }

  #resume({ break: end, highestBreak, runs }: HeapState): void {
    const within = (address: number) => Math.min(this.#end, Math.max(this.#start, address));
    this.#break = within(end);
    this.#highestBreak = Math.max(this.#break, within(highestBreak));
    let from = 0;
    for (const { pages, flags } of runs) {
      this.#pages.fill(flags & (MAPPED | USED | PROT_ALL), from, from + pages);
      from += pages;
    }
  }

  /** Moves the break; an address where it cannot be, 0 among them, tells where it is. */
  moveBreak(wanted: number): number {
    if (wanted < this.#start || wanted > this.#end) return this.#break;
    const [from, to] = [this.#pageAbove(this.#break), this.#pageAbove(wanted)];
    if (!this.#isFree(from, to)) return this.#break;
    this.#pages.fill(MAPPED | USED | PROT_ALL, from, Math.max(from, to));
    this.#pages.fill(USED, to, Math.max(from, to));
    if (wanted > this.#break) {
      this.#clear(this.#break, Math.min(wanted, Math.max(this.#break, this.#highestBreak)));
    }
    this.#break = wanted;
    this.#highestBreak = Math.max(this.#highestBreak, wanted);
    return wanted;
  }

  map({ address, isFixed, sizeBytes, protection }: MapRequest): number {
    const count = pageOf(sizeBytes + HEAP_PAGE_BYTES - 1);
    if (count === 0) return -ERRNO.EINVAL;
    const asked = this.#mappable(address, count * HEAP_PAGE_BYTES);
    if (isFixed && asked === undefined) return -ERRNO.EINVAL;
    const isHint = asked !== undefined && this.#isFree(asked, asked + count);
    const first = isFixed || isHint ? asked : this.#highestFree(count);
    if (first === undefined) return -ERRNO.ENOMEM;
    this.#clearUsed(first, first + count);
    this.#pages.fill(MAPPED | USED | (protection & PROT_ALL), first, first + count);
    return this.#addressOf(first);
  }

  unmap(address: number, sizeBytes: number): number {
    const first = this.#mappable(address, sizeBytes);
    if (first === undefined) return -ERRNO.EINVAL;
    const end = first + pageOf(sizeBytes + HEAP_PAGE_BYTES - 1);
    for (let page = first; page < end; page++) this.#pages[page] = (this.#pages[page] ?? 0) & USED;
    return 0;
  }

  protect(address: number, sizeBytes: number, protection: number): number {
    const first = this.#mappable(address, sizeBytes);
    if (first === undefined) return -ERRNO.EINVAL;
    const end = first + pageOf(sizeBytes + HEAP_PAGE_BYTES - 1);
    const pages = this.#pages.subarray(first, end);
    if (!pages.every((page) => (page & MAPPED) !== 0)) return -ERRNO.EACCES;
    pages.fill(MAPPED | USED | (protection & PROT_ALL));
    return 0;
  }

  /** Whether what lies of a range in the heap may be used; the rest is not judged. */
  allow(address: number, sizeBytes: number, isWritten: boolean): boolean {
    const wanted = MAPPED | (isWritten ? PROT_WRITE : PROT_READ);
    const first = Math.max(0, pageOf(address) - this.#firstPage);
    const end = Math.min(pageOf(address + sizeBytes - 1) + 1 - this.#firstPage, this.#pages.length);
    for (let page = first; page < end; page++) {
      if (((this.#pages[page] ?? 0) & wanted) !== wanted) return false;
    }
    return true;
  }

  /** The first page of a range that mappings may be in: above the break. */
  #mappable(address: number, sizeBytes: number): number | undefined {
    const size = pageOf(sizeBytes + HEAP_PAGE_BYTES - 1) * HEAP_PAGE_BYTES;
    if (size === 0 || address % HEAP_PAGE_BYTES !== 0) return undefined;
    if (address < this.#break || address + size > this.#end) return undefined;
    return pageOf(address) - this.#firstPage;
  }

  #highestFree(count: number): number | undefined {
    const lowest = this.#pageAbove(this.#break);
    let run = 0;
    for (let page = this.#pages.length - 1; page >= lowest; page--) {
      run = this.#isFree(page, page + 1) ? run + 1 : 0;
      if (run === count) return page;
    }
    return undefined;
  }

  #isFree(from: number, to: number): boolean {
    for (let page = from; page < to; page++) {
      if (((this.#pages[page] ?? MAPPED) & MAPPED) !== 0) return false;
    }
    return true;
  }

  /** What was never given out is zero, and costs the host nothing as long as nobody touches it. */
  #clearUsed(from: number, to: number): void {
    for (let page = from; page < to; page++) {
      if (((this.#pages[page] ?? 0) & USED) === 0) continue;
      const start = this.#addressOf(page);
      this.#clear(start, start + HEAP_PAGE_BYTES);
    }
  }

  #pageAbove(address: number): number {
    return pageOf(address + HEAP_PAGE_BYTES - 1) - this.#firstPage;
  }

  #addressOf(page: number): number {
    return (page + this.#firstPage) * HEAP_PAGE_BYTES;
  }
}

function pageOf(address: number): number {
  return Math.floor(address / HEAP_PAGE_BYTES);
}
