import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { judgePages } from "./database-pages.ts";
import { damaged, errnoOf, hostFailure } from "./failure.ts";

/** In the data folder. */
export const DATABASE_FILE = "metadata.mdb";

/** Where LMDB's two first pages tell what they are: header of a page, then these fields. */
const MAGIC_OFFSET = 24;
const MAGIC = 0xbeefc0de;
const PAGE_BYTES_OFFSET = 48;
const LAST_PAGE_OFFSET = 144;
const TRANSACTION_OFFSET = 152;
const HEAD_BYTES = 160;

/** Where it describes its free pages, and its table of tables. */
const TABLE_OFFSETS = [48, 96];

/**
 * Judges the file before LMDB maps it into memory. The last pages of a sound one may be missing:
 * pages that were free again before they were written. So where pages are missing, the tables have
 * to do without them; then they are made, since a byte behind the end of a mapped file would end
 * the process with SIGBUS.
 * @param everyPage goes through all pages in any case, which reads the whole file
 * @throws ZvmError ZVM_STORE_DAMAGED
 */
export function prepareDatabaseFile(path: string, everyPage: boolean): void {
  const fd = openIfThere(path);
  if (fd === undefined) return;
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return;
    const first = readHead(fd, 0);
    const second = readHead(fd, first?.pageBytes ?? USUAL_PAGE_BYTES);
    const newest = [first, second].reduce((best, head) => (isNewer(head, best) ? head : best));
    if (newest === undefined) throw damaged(`${path} is no database of a store`);
    const { pageBytes, bytes } = newest;
    const readable = (newest.lastPage + 1) * pageBytes;
    if (everyPage || size < readable) {
      const pageCount = Math.min(newest.lastPage + 1, Math.floor(size / pageBytes));
      const tables = TABLE_OFFSETS.map((offset) => bytes.subarray(offset));
      judgePages({ fd, path, pageBytes, pageCount }, tables, everyPage);
    }
    if (size < readable) ftruncateSync(fd, readable);
  } catch (cause) {
    throw hostFailure(`Cannot read the database ${path}`, cause);
  } finally {
    closeSync(fd);
  }
}

const USUAL_PAGE_BYTES = 4096;

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r+");
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw hostFailure(`Cannot open the database ${path}`, cause);
  }
}

interface Head {
  readonly bytes: Buffer;
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: number;
}

function readHead(fd: number, offset: number): Head | undefined {
  const bytes = Buffer.alloc(HEAD_BYTES);
  const isWhole = readSync(fd, bytes, 0, HEAD_BYTES, offset) === HEAD_BYTES;
  if (!isWhole || bytes.readUInt32LE(MAGIC_OFFSET) !== MAGIC) return undefined;
  const pageBytes = bytes.readUInt32LE(PAGE_BYTES_OFFSET);
  const isPower = pageBytes >= 512 && pageBytes <= 65_536 && (pageBytes & (pageBytes - 1)) === 0;
  if (!isPower) return undefined;
  return {
    bytes,
    pageBytes,
    lastPage: Number(bytes.readBigUInt64LE(LAST_PAGE_OFFSET)),
    transaction: Number(bytes.readBigUInt64LE(TRANSACTION_OFFSET)),
  };
}

function isNewer(head: Head | undefined, best: Head | undefined): boolean {
  return (head?.transaction ?? -1) > (best?.transaction ?? -1);
}
