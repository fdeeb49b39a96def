/** Samples of the lines of a file, from which the ranges of the sorters are chosen. */
import { readAt, sizeOf, write } from "../../assembly/connections";
import { endOfLine, KEY_BYTES, NEWLINE, SLACK } from "./lines";

/** Of each reader, at most. */
const SAMPLES: u64 = 256;
/** Where a line does not begin in so many bytes, there is no sample. */
const LOOK_BYTES: usize = 8192;
/** In front of the samples: bytes of the file (8), and how many samples (8). */
export const SAMPLES_HEAD: usize = 16;

/** Sends the beginnings of some lines, and how much they stand for. */
export function sendSamples(file: u32, check: u32): void {
  const fileSize = sizeOf(file);
  const block = heap.alloc(LOOK_BYTES + KEY_BYTES + SLACK);
  const message = heap.alloc(SAMPLES_HEAD + <usize>SAMPLES * KEY_BYTES);
  let to = message + SAMPLES_HEAD;
  for (let index: u64 = 0; index < SAMPLES; index++) {
    const place = (fileSize * index) / SAMPLES;
    const got = readAt(file, place, block, LOOK_BYTES);
    memory.fill(block + got, 0, KEY_BYTES);
    store<u8>(block + got, NEWLINE);
    const line = place === 0 ? block : endOfLine(block) + 1;
    if (line >= block + got) continue;
    const size = endOfLine(line) - line;
    memory.fill(to, 0, KEY_BYTES);
    memory.copy(to, line, min(size, KEY_BYTES));
    to += KEY_BYTES;
  }
  store<u64>(message, fileSize);
  store<u64>(message, (to - message - SAMPLES_HEAD) / KEY_BYTES, 8);
  write(check, message, to - message);
}
