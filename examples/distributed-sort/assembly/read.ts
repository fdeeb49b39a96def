/**
 * A reader of a distributed sort: gives each line of `/dev/input` to the sorter of its range.
 *
 * It tells the node `check` some lines of its input, and gets from it where the ranges begin. Then
 * it goes round by round: it takes some of its input, and sends each sorter one message, in their
 * order, empty or not. As sorters read in the same order, nobody ever waits in a circle, however
 * the lines are spread and however little the connections hold.
 */
import {
  fail,
  openToRead,
  openToWrite,
  peersOf,
  read,
  readWhole,
  write,
} from "../../assembly/connections";
import { copyLine, endOfLine, KEY_BYTES, NEWLINE, SLACK, wordAt } from "./lines";
import { sendSamples } from "./samples";

/** Bytes of input in a round: also the longest line, with its newline. */
const ROUND_BYTES: usize = 1 << 20;
/** Lines in a round. */
const ROUND_LINES: i32 = 1 << 16;
/** In front of a message: how many bytes and how many lines. */
const HEAD_BYTES: usize = 8;
/** In place of the bytes of a message: there are no more. */
const NO_MORE: u32 = 0xffffffff;

const sorters = peersOf("out", "sort");
const sorterCount = sorters.length;
const outputs = new StaticArray<u32>(sorterCount);
for (let index = 0; index < sorterCount; index++) {
  outputs[index] = openToWrite(`/dev/out/${sorters[index]}`);
}
const input = openToRead("/dev/input");
const check = openToWrite("/dev/out/check");

/** Where the ranges of all sorters but the first begin, `KEY_BYTES` each. */
const borders = heap.alloc(<usize>sorterCount * KEY_BYTES + SLACK);
const firstWords = new StaticArray<u64>(sorterCount);
const buffer = heap.alloc(ROUND_BYTES + SLACK);
const messages = heap.alloc(ROUND_BYTES + <usize>sorterCount * HEAD_BYTES + SLACK);
const sizes = new StaticArray<u32>(ROUND_LINES);
const owners = new StaticArray<u16>(ROUND_LINES);
/** Of each sorter in this round: its bytes, its lines, and where its next line goes. */
const bytesFor = new StaticArray<u32>(sorterCount);
const linesFor = new StaticArray<u32>(sorterCount);
const places = new StaticArray<usize>(sorterCount);
let checksum: u64 = 0;
let lineCount: u64 = 0;

/** The sorter that a line belongs to: as many borders as are not behind it. */
function ownerOf(line: usize, size: usize): i32 {
  let low = 0;
  let high = sorterCount - 1;
  const word = wordAt(line, size);
  while (low < high) {
    const middle = (low + high) >> 1;
    const border = firstWords[middle];
    if (word > border || (word === border && reaches(line, size, middle))) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a line is not before a border whose first word it has. */
function reaches(line: usize, size: usize, border: i32): bool {
  const key = borders + <usize>border * KEY_BYTES;
  for (let offset: usize = 8; offset < KEY_BYTES; offset += 8) {
    const word = wordAt(line + offset, size > offset ? size - offset : 0);
    const other = wordAt(key + offset, 8);
    if (word !== other) return word > other;
  }
  return true;
}

/** Finds lines and their sorters. @returns how many there are before `end`, where no line ends */
function findLines(at: usize, end: usize): i32 {
  let count = 0;
  while (at < end && count < ROUND_LINES) {
    const size = endOfLine(at) - at;
    const owner = ownerOf(at, size);
    sizes[count] = <u32>size;
    owners[count] = <u16>owner;
    bytesFor[owner] += <u32>size + 1;
    linesFor[owner] += 1;
    count += 1;
    at += size + 1;
  }
  return count;
}

/** Puts lines into the messages of their sorters. @returns where the last one ends */
function placeLines(at: usize, count: i32): usize {
  let sum: u64 = 0;
  for (let index = 0; index < count; index++) {
    const size = <usize>sizes[index];
    const owner = owners[index];
    const place = places[owner];
    sum += copyLine(at, place, size);
    store<u8>(place + size, NEWLINE);
    places[owner] = place + size + 1;
    at += size + 1;
  }
  checksum += sum;
  return at;
}

/** Sends one message to each sorter. @returns where the lines of this round end */
function sendRound(from: usize, end: usize): usize {
  for (let index = 0; index < sorterCount; index++) {
    bytesFor[index] = 0;
    linesFor[index] = 0;
  }
  const count = findLines(from, end);
  let place = messages;
  for (let index = 0; index < sorterCount; index++) {
    places[index] = place + HEAD_BYTES;
    place += HEAD_BYTES + <usize>bytesFor[index];
  }
  const rest = placeLines(from, count);
  place = messages;
  for (let index = 0; index < sorterCount; index++) {
    const size = HEAD_BYTES + <usize>bytesFor[index];
    store<u32>(place, bytesFor[index]);
    store<u32>(place, linesFor[index], 4);
    write(outputs[index], place, size);
    place += size;
  }
  lineCount += count;
  return rest;
}

/** Sends all lines that end before `end`. */
function sendLines(from: usize, end: usize): void {
  while (from < end) from = sendRound(from, end);
}

function sendAll(): void {
  let kept: usize = 0;
  while (true) {
    const asked = ROUND_BYTES - kept;
    const got = read(input, buffer + kept, asked);
    let end = buffer + kept + got;
    const isLast = got < asked;
    // The last line ends, as `sort` sees it, even where its newline is missing.
    if (isLast && end > buffer && load<u8>(end - 1) !== NEWLINE) {
      store<u8>(end, NEWLINE);
      end += 1;
    }
    let rest = end;
    while (rest > buffer && load<u8>(rest - 1) !== NEWLINE) rest -= 1;
    if (rest === buffer && end > buffer) {
      fail(`A line after line ${lineCount} has more than ${ROUND_BYTES} bytes`);
    }
    sendLines(buffer, rest);
    if (isLast) return;
    kept = end - rest;
    memory.copy(buffer, rest, kept);
  }
}

function tellTheEnd(): void {
  const message = heap.alloc(16);
  store<u32>(message, NO_MORE);
  store<u32>(message, 0, 4);
  for (let index = 0; index < sorterCount; index++) write(outputs[index], message, HEAD_BYTES);
  store<u64>(message, lineCount);
  store<u64>(message, checksum, 8);
  write(check, message, 16);
}

sendSamples(input, check);
readWhole(openToRead("/dev/in/check"), borders, <usize>(sorterCount - 1) * KEY_BYTES, "check");
for (let index = 0; index < sorterCount - 1; index++) {
  firstWords[index] = wordAt(borders + <usize>index * KEY_BYTES, 8);
}
sendAll();
tellTheEnd();
