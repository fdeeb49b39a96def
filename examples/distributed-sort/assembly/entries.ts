/**
 * Sorting of lines by entries of 16 bytes: the next eight bytes of the line as a number, where the
 * line is, and its size. What has the same number is sorted again by the eight bytes behind them.
 *
 * Entries are spread by the highest bits in which they differ, and again, until few are together;
 * so no order of lines takes longer than others, and long common beginnings cost little.
 */
import { wordAt } from "./lines";

export const ENTRY_BYTES: usize = 16;
export const PENDING_BYTES: usize = 12;

/** So few are sorted by insertion. */
const FEW: usize = 16;
const MOST_BITS: u32 = 11;
/** Each level spreads by four bits at least, of 64. */
const LEVELS: usize = 17;
const TABLE_BYTES: usize = (1 << MOST_BITS) * 4;
const tables = heap.alloc(LEVELS * TABLE_BYTES);

/** Room for as many entries as are sorted at once. */
let room: usize = 0;
/** What is to be sorted further: where, how many, and behind how many bytes. */
let pending: usize = 0;
let pendingEnd: usize = 0;

/** Gives room for as many entries as are sorted at once, and for half as many and one pending. */
export function prepare(forEntries: usize, forPending: usize): void {
  room = forEntries;
  pending = forPending;
  pendingEnd = pending;
}

export function addEntry(entry: usize, word: u64, at: usize, size: usize): void {
  store<u64>(entry, word);
  store<u32>(entry, <u32>at, 8);
  store<u32>(entry, <u32>size, 12);
}

export function copyEntry(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
}

/** Sorts entries by their lines. They have the first words of them. */
export function sortLines(from: usize, count: usize): void {
  sortByWord(from, count, 0);
  push(from, count, 0);
  while (pendingEnd > pending) {
    pendingEnd -= PENDING_BYTES;
    const start = load<usize>(pendingEnd);
    splitRuns(start, start + load<usize>(pendingEnd, 4) * ENTRY_BYTES, load<usize>(pendingEnd, 8));
  }
}

function push(from: usize, count: usize, depth: usize): void {
  store<usize>(pendingEnd, from);
  store<usize>(pendingEnd, count, 4);
  store<usize>(pendingEnd, depth, 8);
  pendingEnd += PENDING_BYTES;
}

/** Sorts further what has equal words. */
function splitRuns(from: usize, end: usize, depth: usize): void {
  while (from < end) {
    const word = load<u64>(from);
    let next = from + ENTRY_BYTES;
    while (next < end && load<u64>(next) === word) next += ENTRY_BYTES;
    if (next - from > ENTRY_BYTES) deepen(from, next, depth + 8);
    from = next;
  }
}

/** Sorts lines that are equal before `depth`. Those that end there come first, by size. */
function deepen(from: usize, end: usize, depth: usize): void {
  let front = from;
  for (let entry = from; entry < end; entry += ENTRY_BYTES) {
    const size = <usize>load<u32>(entry, 12);
    if (size > depth) {
      store<u64>(entry, wordAt(<usize>load<u32>(entry, 8) + depth, size - depth));
    } else {
      const moved = v128.load(front);
      copyEntry(entry, front);
      v128.store(entry, moved);
      store<u64>(front, size);
      front += ENTRY_BYTES;
    }
  }
  sortByWord(from, (front - from) / ENTRY_BYTES, 0);
  const left = (end - front) / ENTRY_BYTES;
  sortByWord(front, left, 0);
  if (left > 1) push(front, left, depth);
}

function sortByWord(from: usize, count: usize, level: usize): void {
  if (count <= FEW) {
    insert(from, from + count * ENTRY_BYTES);
    return;
  }
  const end = from + count * ENTRY_BYTES;
  let lowest = load<u64>(from);
  let highest = lowest;
  let last = lowest;
  let isSorted = true;
  for (let entry = from + ENTRY_BYTES; entry < end; entry += ENTRY_BYTES) {
    const word = load<u64>(entry);
    lowest = min(lowest, word);
    highest = max(highest, word);
    if (word < last) isSorted = false;
    last = word;
  }
  if (!isSorted) spread(from, end, lowest, highest, level);
}

/** Puts entries in the order of the highest bits in which they differ, then each part in order. */
function spread(from: usize, end: usize, lowest: u64, highest: u64, level: usize): void {
  const count = <u32>((end - from) / ENTRY_BYTES);
  const bits = min<u32>(31 - clz(count), MOST_BITS);
  const used = <u32>(64 - clz(highest - lowest));
  const shift: u64 = used > bits ? used - bits : 0;
  const table = tables + level * TABLE_BYTES;
  const tableEnd = table + (<usize>((highest - lowest) >> shift) + 1) * 4;
  memory.fill(table, 0, tableEnd - table);
  for (let entry = from; entry < end; entry += ENTRY_BYTES) {
    const slot = table + <usize>((load<u64>(entry) - lowest) >> shift) * 4;
    store<usize>(slot, load<usize>(slot) + ENTRY_BYTES);
  }
  let place = room;
  for (let slot = table; slot < tableEnd; slot += 4) {
    const size = load<usize>(slot);
    store<usize>(slot, place);
    place += size;
  }
  for (let entry = from; entry < end; entry += ENTRY_BYTES) {
    const slot = table + <usize>((load<u64>(entry) - lowest) >> shift) * 4;
    const to = load<usize>(slot);
    copyEntry(entry, to);
    store<usize>(slot, to + ENTRY_BYTES);
  }
  memory.copy(from, room, end - from);
  if (shift > 0) sortParts(from, table, tableEnd, level + 1);
}

/** Sorts what is between the ends of parts that a table has, which are those of the copies. */
function sortParts(from: usize, table: usize, tableEnd: usize, level: usize): void {
  let start = room;
  for (let slot = table; slot < tableEnd; slot += 4) {
    const end = load<usize>(slot);
    if (end - start > ENTRY_BYTES) {
      sortByWord(from + (start - room), (end - start) / ENTRY_BYTES, level);
    }
    start = end;
  }
}

function insert(from: usize, end: usize): void {
  for (let entry = from + ENTRY_BYTES; entry < end; entry += ENTRY_BYTES) {
    const word = load<u64>(entry);
    let to = entry;
    if (load<u64>(to - ENTRY_BYTES) <= word) continue;
    const moved = v128.load(entry);
    do {
      copyEntry(to - ENTRY_BYTES, to);
      to -= ENTRY_BYTES;
    } while (to > from && load<u64>(to - ENTRY_BYTES) > word);
    v128.store(to, moved);
  }
}
