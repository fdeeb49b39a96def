/**
 * A sorter of a distributed sort: takes the lines of its range from all readers, sorts them in
 * memory and writes them to its standard output. It tells the node `check` what it wrote.
 */
import {
  fail,
  openToRead,
  openToWrite,
  peersOf,
  readWhole,
  write,
} from "../../assembly/connections";
import { addEntry, ENTRY_BYTES, PENDING_BYTES, prepare, sortLines } from "./entries";
import { copyLine, endOfLine, isBehind, NEWLINE, SLACK, wordAt } from "./lines";

const HEAD_BYTES: usize = 8;
const NO_MORE: u32 = 0xffffffff;
/** Written at a time; what a longer line has is written with it. */
const BLOCK_BYTES: usize = 1 << 18;
const LONGEST: usize = 1 << 20;
/** Lines of one call of a function: it is called often, so that the engine makes it fast. */
const STEP: usize = 4096;
const STDOUT: u32 = 1;
/** Pages of memory that are asked for at a time. */
const GROWN_PAGES: i32 = 256;
/** What there can be at most, together and in one piece. */
const MEMORY_MOST: u64 = 0xfff00000;
const PIECE_MOST: u64 = 0x3fff0000;

const readers = peersOf("in", "read");
const inputs = new StaticArray<u32>(readers.length);
for (let index = 0; index < readers.length; index++) {
  inputs[index] = openToRead(`/dev/in/${readers[index]}`);
}
const check = openToWrite("/dev/out/check");

const head = heap.alloc(HEAD_BYTES);
/** The lines of each message: where, and how many. */
const messages: usize[] = [];
const counts: usize[] = [];
let lineCount: usize = 0;
let checksum: u64 = 0;

/** Memory that is never given back. */
function allocate(size: u64): usize {
  if (size > PIECE_MOST || !grow(<u64>heap.alloc(0) + size + 2 * SLACK)) {
    fail("The lines of this range do not fit into the memory of this node: take more sorters");
  }
  return heap.alloc(<usize>size);
}

/** Lets memory have so many bytes. @returns whether it has */
function grow(needed: u64): bool {
  const had = (<u64>memory.size()) << 16;
  if (needed <= had) return true;
  if (needed > MEMORY_MOST) return false;
  const pages = <i32>((needed - had + 0xffff) >> 16);
  return memory.grow(max(pages, GROWN_PAGES)) >= 0 || memory.grow(pages) >= 0;
}

/** Takes one message. @returns whether its reader has more */
function receive(input: u32): bool {
  readWhole(input, head, HEAD_BYTES, "A reader");
  const size = load<u32>(head);
  if (size === NO_MORE) return false;
  if (size === 0) return true;
  const lines = allocate(<u64>size + SLACK);
  readWhole(input, lines, size, "A reader");
  const count = <usize>load<u32>(head, 4);
  messages.push(lines);
  counts.push(count);
  lineCount += count;
  return true;
}

/** Takes the messages of all rounds, in each round from all readers that are not at their ends. */
function receiveAll(): void {
  let left = readers.length;
  while (left > 0) {
    let kept = 0;
    for (let index = 0; index < left; index++) {
      const input = inputs[index];
      if (receive(input)) inputs[kept++] = input;
    }
    left = kept;
  }
}

/** Makes entries of lines that follow each other. */
function index(at: usize, entry: usize, end: usize): void {
  for (; entry < end; entry += ENTRY_BYTES) {
    const size = endOfLine(at) - at;
    addEntry(entry, wordAt(at, size), at, size);
    at += size + 1;
  }
}

function indexAll(): usize {
  const entries = allocate(<u64>lineCount * ENTRY_BYTES);
  let entry = entries;
  for (let each = 0; each < messages.length; each++) {
    const end = entry + counts[each] * ENTRY_BYTES;
    index(messages[each], entry, end);
    entry = end;
  }
  return entries;
}

let last: usize = 0;
let lastSize: usize = 0;
const block = heap.alloc(BLOCK_BYTES + LONGEST + SLACK);
let blockEnd = block;

/** Writes lines behind each other, and looks at their order once more. */
function emit(entry: usize, end: usize): void {
  let sum: u64 = 0;
  let to = blockEnd;
  for (; entry < end; entry += ENTRY_BYTES) {
    const at = <usize>load<u32>(entry, 8);
    const size = <usize>load<u32>(entry, 12);
    if (last !== 0 && isBehind(last, lastSize, at, size)) fail("Lines are out of order");
    last = at;
    lastSize = size;
    sum += copyLine(at, to, size);
    store<u8>(to + size, NEWLINE);
    to += size + 1;
    if (to >= block + BLOCK_BYTES) {
      write(STDOUT, block, to - block);
      to = block;
    }
  }
  blockEnd = to;
  checksum += sum;
}

/** Tells how many lines there are, what they sum up to, and the first and the last of them. */
function tell(entries: usize): void {
  const hasLines = lineCount > 0;
  const firstSize = hasLines ? <usize>load<u32>(entries, 12) : 0;
  const message = heap.alloc(24);
  store<u64>(message, lineCount);
  store<u64>(message, checksum, 8);
  store<u32>(message, firstSize, 16);
  store<u32>(message, lastSize, 20);
  write(check, message, 24);
  if (hasLines) write(check, load<u32>(entries, 8), firstSize);
  if (hasLines) write(check, last, lastSize);
}

receiveAll();
prepare(allocate(<u64>lineCount * ENTRY_BYTES), allocate((<u64>lineCount / 2 + 1) * PENDING_BYTES));
const entries = indexAll();
sortLines(entries, lineCount);
const entriesEnd = entries + lineCount * ENTRY_BYTES;
for (let at = entries; at < entriesEnd; at += STEP * ENTRY_BYTES) {
  emit(at, min(at + STEP * ENTRY_BYTES, entriesEnd));
}
write(STDOUT, block, blockEnd - block);
tell(entries);
