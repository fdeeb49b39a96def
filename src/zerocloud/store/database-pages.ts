import { readSync } from "node:fs";
import { damaged } from "./failure.ts";

/** Where the pages of an LMDB file are described. */
export interface PageFile {
  readonly fd: number;
  readonly path: string;
  readonly pageBytes: number;
  /** Pages that the file has in full. */
  readonly pageCount: number;
}

/** Fields of a page, of a node in it, and of the description of a table. */
const PAGE = { flags: 18, lower: 20, upper: 22, overflowPages: 20, header: 24 } as const;
const NODE = { sizeHigh: 2, flags: 4, keyBytes: 6, header: 8 } as const;
const TABLE = { depth: 6, entries: 32, root: 40, bytes: 48 } as const;

const KIND_BITS = 0x0f;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;

const BIG_DATA = 1;
const TABLE_DATA = 2;

/** Root of an empty table. */
const NO_PAGE = 2n ** 64n - 1n;

/** Deeper than any tree of pages that a disk holds. */
const DEPTH_MAX = 32;

/**
 * Goes through the pages that the tables of a file reach. LMDB has no checksums and believes its
 * pages: one that is none ends the process by an assertion, so they are judged before it maps them.
 * @param descriptions of the table of free pages and of the table of tables
 * @param everyPage reads the last level of each table as well, which is nearly all of the file;
 * else its pages only have to be there
 * @throws ZvmError ZVM_STORE_DAMAGED
 */
export function judgePages(
  file: PageFile,
  descriptions: readonly Buffer[],
  everyPage: boolean,
): void {
  const walk = new PageWalk(file, everyPage);
  for (const description of descriptions) walk.table(description, true);
}

class PageWalk {
  readonly #file: PageFile;
  readonly #everyPage: boolean;
  readonly #seen: Uint8Array;

  constructor(file: PageFile, everyPage: boolean) {
    this.#file = file;
    this.#everyPage = everyPage;
    this.#seen = new Uint8Array(file.pageCount);
  }

  /** @param isRead its last level is read in any case */
  table(description: Buffer, isRead: boolean): void {
    if (description.length < TABLE.bytes) this.#fail("the description of a table is cut off");
    const root = description.readBigUInt64LE(TABLE.root);
    const depth = description.readUInt16LE(TABLE.depth);
    const entries = Number(description.readBigUInt64LE(TABLE.entries));
    if (depth > DEPTH_MAX) this.#fail("a table is too deep");
    const found = root === NO_PAGE ? 0 : this.#tree(Number(root), depth, isRead);
    if (isRead && found !== entries) this.#fail(`a table has ${found} entries, not ${entries}`);
  }

  /** @returns the entries below the page, as far as they were read */
  #tree(pageNumber: number, depth: number, isRead: boolean): number {
    if (depth === 1 && !isRead) {
      this.#take(pageNumber);
      return 0;
    }
    const page = this.#page(pageNumber);
    const kind = page.readUInt16LE(PAGE.flags) & KIND_BITS;
    if (kind !== (depth > 1 ? BRANCH : LEAF)) this.#fail(`page ${pageNumber} is of a wrong kind`);
    let entries = 0;
    for (const node of this.#nodes(page, pageNumber)) {
      if (kind === LEAF) this.#leaf(node, pageNumber);
      entries += kind === LEAF ? 1 : this.#tree(childOf(node), depth - 1, isRead);
    }
    return entries;
  }

  *#nodes(page: Buffer, pageNumber: number): Generator<Buffer> {
    const lower = page.readUInt16LE(PAGE.lower);
    const room = page.length - PAGE.header;
    if (lower > page.readUInt16LE(PAGE.upper) || lower > room || lower % 2 !== 0) {
      this.#fail(`page ${pageNumber} is no table of entries`);
    }
    for (let at = 0; at < lower; at += 2) {
      const start = PAGE.header + page.readUInt16LE(PAGE.header + at);
      const node = page.subarray(start);
      const isWhole = start >= PAGE.header + lower && node.length >= NODE.header;
      if (!isWhole || node.length < NODE.header + node.readUInt16LE(NODE.keyBytes)) {
        this.#fail(`an entry of page ${pageNumber} is outside of it`);
      }
      yield node;
    }
  }

  #leaf(node: Buffer, pageNumber: number): void {
    const flags = node.readUInt16LE(NODE.flags);
    const sizeBytes = node.readUInt16LE(0) + node.readUInt16LE(NODE.sizeHigh) * 2 ** 16;
    const data = node.subarray(NODE.header + node.readUInt16LE(NODE.keyBytes));
    const held = (flags & BIG_DATA) === 0 ? sizeBytes : 8;
    if (data.length < held) this.#fail(`an entry of page ${pageNumber} is cut off`);
    if ((flags & BIG_DATA) !== 0) this.#overflow(Number(data.readBigUInt64LE(0)), sizeBytes);
    else if ((flags & TABLE_DATA) !== 0) this.table(data.subarray(0, sizeBytes), this.#everyPage);
  }

  #overflow(first: number, sizeBytes: number): void {
    const page = this.#page(first);
    const pages = page.readUInt32LE(PAGE.overflowPages);
    const isKind = (page.readUInt16LE(PAGE.flags) & KIND_BITS) === OVERFLOW;
    const hasRoom = pages * page.length - PAGE.header >= sizeBytes;
    if (!isKind || !hasRoom || first + pages > this.#file.pageCount) {
      this.#fail(`page ${first} does not begin a long value`);
    }
    for (let at = 1; at < pages; at += 1) this.#take(first + at);
  }

  #page(pageNumber: number): Buffer {
    this.#take(pageNumber);
    const { fd, pageBytes } = this.#file;
    const page = Buffer.allocUnsafe(pageBytes);
    const read = readSync(fd, page, 0, pageBytes, pageNumber * pageBytes);
    const isItself = read === pageBytes && Number(page.readBigUInt64LE(0)) === pageNumber;
    if (!isItself) this.#fail(`page ${pageNumber} is not there`);
    return page;
  }

  /** A page belongs to one place; so the walk ends. */
  #take(pageNumber: number): void {
    if (!(pageNumber < this.#file.pageCount)) this.#fail(`page ${pageNumber} is not there`);
    if (this.#seen[pageNumber] === 1) this.#fail(`page ${pageNumber} is in two places`);
    this.#seen[pageNumber] = 1;
  }

  #fail(reason: string): never {
    throw damaged(`The database ${this.#file.path} is damaged: ${reason}`);
  }
}

function childOf(node: Buffer): number {
  const low = node.readUInt16LE(0) + node.readUInt16LE(NODE.sizeHigh) * 2 ** 16;
  return low + node.readUInt16LE(NODE.flags) * 2 ** 32;
}
