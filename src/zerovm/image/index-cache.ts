/**
 * Indexes of archives that were read before, one file an archive in the user's cache: the block
 * that a cell gets, behind the state of the file that it tells about.
 */
import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { ZvmError } from "../../base/index.ts";
import type { MemberTable } from "../../tar/index.ts";
import { decodeMembers, encodeMembers, senderHash } from "../cell/index.ts";
import {
  DRAFT_ENDING,
  type FileState,
  fileState,
  isSettled,
  readKept,
  sameState,
  wallNs,
  writeKept,
} from "../program/index.ts";

/**
 * Names what entries are made of. To be raised with every change of a block, and of what archives
 * are accepted or how their members are read: an entry stands for an index by today's rules.
 */
export const INDEX_FORM = 1;

/** Archives of fewer members are indexed as fast. */
const MEMBERS_MIN = 256;
/** No smaller archive has as many. */
const ARCHIVE_BYTES_MIN = MEMBERS_MIN * 512;

/** What is kept at most; the oldest entries go first. */
export interface CacheBounds {
  readonly entryBytes: number;
  readonly entries: number;
  readonly totalBytes: number;
}

const BOUNDS: CacheBounds = { entryBytes: 2 ** 24, entries: 64, totalBytes: 2 ** 26 };

export interface IndexCacheOptions {
  /** The cache of the user. */
  readonly folder: string;
  /** Wall time in ns since 1970; for tests. */
  readonly nowNs?: () => bigint;
  /** Those of the standard unless given. */
  readonly bounds?: CacheBounds;
}

/** An entry: marks, the count of members, a digest over these and the block as hex, the block. */
const MARK_WORDS = 6;
const COUNT_AT = 8 * MARK_WORDS;
const DIGEST_AT = COUNT_AT + 8;
const DIGEST_BYTES = 64;
const BLOCK_AT = DIGEST_AT + DIGEST_BYTES;
const ENTRY_ENDING = ".members";
/** "ZVMI"; machines of another byte order read something else. */
const MAGIC = 0x5a_56_4d_49n;
/** A draft that is older than this has no writer any more. */
const DRAFT_MS_MAX = 3_600_000;

/**
 * The index of the plain archive behind a descriptor: the kept one when it is about this very
 * state of the file and `fits` agrees, else what `index` makes, which is then kept. A missing,
 * damaged, foreign or unwritable cache only costs the indexing.
 * @throws what `index` throws
 */
export function indexOnce(
  fd: number,
  options: IndexCacheOptions,
  { index, fits }: { index(): MemberTable; fits(table: MemberTable): boolean },
): MemberTable {
  const nowNs = options.nowNs?.() ?? wallNs();
  const state = fileState(fd);
  if (Number(state.sizeBytes) < ARCHIVE_BYTES_MIN) return index();
  const folder = join(options.folder, "images");
  const place = join(folder, `${state.device}-${state.inode}${ENTRY_ENDING}`);
  const bounds = options.bounds ?? BOUNDS;
  const kept = readEntry(place, state, bounds.entryBytes);
  if (kept !== undefined && fits(kept)) return kept;
  const table = index();
  if (table.count < MEMBERS_MIN || !isSettled(state, nowNs)) return table;
  const block = encodeMembers(table);
  if (BLOCK_AT + block.length > bounds.entryBytes || !sameState(state, fileState(fd))) return table;
  const head = headOf(state, table.count, block);
  if (writeKept(place, [head, block])) removeOldest(folder, bounds);
  return table;
}

/** What every entry about this state begins with. */
function headOf(state: FileState, count: number, block: Uint8Array): Uint8Array {
  const words = new BigInt64Array(MARK_WORDS + 1);
  words.set([
    (BigInt(INDEX_FORM) << 32n) | MAGIC,
    BigInt(state.device),
    BigInt(state.inode),
    BigInt(state.sizeBytes),
    BigInt(state.modifiedNs),
    BigInt(state.changedNs),
    BigInt(count),
  ]);
  const marks = Buffer.from(words.buffer);
  const hash = senderHash("sha256");
  hash.update(marks);
  hash.update(block);
  return Buffer.concat([marks, Buffer.from(hash.digestHex(), "latin1")]);
}

/** The kept index, when the entry is ours, whole, in today's form and about this very state. */
function readEntry(place: string, state: FileState, bytesMax: number): MemberTable | undefined {
  const bytes = readKept(place, bytesMax);
  if (bytes === undefined || bytes.length < BLOCK_AT) return undefined;
  const count = Number(new BigInt64Array(bytes.buffer, COUNT_AT, 1)[0]);
  const block = bytes.subarray(BLOCK_AT);
  if (Buffer.compare(headOf(state, count, block), bytes.subarray(0, BLOCK_AT)) !== 0) {
    return undefined;
  }
  try {
    return decodeMembers(block, count);
  } catch (error) {
    if (error instanceof ZvmError) return undefined;
    throw error;
  }
}

/** Removes what is over the bounds, oldest first, and drafts that nobody finishes. */
function removeOldest(folder: string, bounds: CacheBounds): void {
  const found = listEntries(folder).sort((one, other) => other.writtenMs - one.writtenMs);
  let entries = 0;
  let totalBytes = 0;
  for (const { place, sizeBytes, writtenMs } of found) {
    if (place.endsWith(DRAFT_ENDING)) {
      if (Date.now() - writtenMs > DRAFT_MS_MAX) removeQuietly(place);
      continue;
    }
    entries += 1;
    totalBytes += sizeBytes;
    if (entries > bounds.entries || totalBytes > bounds.totalBytes) removeQuietly(place);
  }
}

interface Found {
  readonly place: string;
  readonly sizeBytes: number;
  readonly writtenMs: number;
}

function listEntries(folder: string): Found[] {
  const found: Found[] = [];
  for (const name of attempt(() => readdirSync(folder)) ?? []) {
    if (!name.endsWith(ENTRY_ENDING) && !name.endsWith(DRAFT_ENDING)) continue;
    const place = join(folder, name);
    const stats = attempt(() => lstatSync(place));
    if (stats === undefined) continue;
    found.push({ place, sizeBytes: stats.size, writtenMs: stats.mtimeMs });
  }
  return found;
}

function removeQuietly(place: string): void {
  attempt(() => unlinkSync(place));
}

/** Others may clear the cache at the same time. */
function attempt<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
