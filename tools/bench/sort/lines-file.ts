import { closeSync, openSync, writeSync } from "node:fs";

const BLOCK_BYTES = 1 << 20;
const SHORTEST = 20;
const LONGEST = 160;
const NEWLINE = 10;
const BLANK = 32;
const LETTER_A = 97;
const LETTERS = 26;
/** So many letters come of one random number. */
const LETTERS_AT_ONCE = 5;
const WORD_LETTERS = 8;

/** Writes lines of random words, 20 to 160 bytes long, the same for the same seed. */
export function writeLines(path: string, sizeBytes: number, seed: number): void {
  const file = openSync(path, "w");
  const next = randomNumbers(seed);
  const block = Buffer.alloc(BLOCK_BYTES + LONGEST + 1);
  try {
    for (let left = sizeBytes; left > 0; ) {
      let end = 0;
      while (end < Math.min(left, BLOCK_BYTES)) end = putLine(block, end, next);
      writeSync(file, block, 0, end);
      left -= end;
    }
  } finally {
    closeSync(file);
  }
}

/** @returns where the line ends */
function putLine(block: Buffer, start: number, next: () => number): number {
  const end = start + SHORTEST + (next() % (LONGEST - SHORTEST));
  let value = 0;
  for (let at = start; at < end; at++) {
    if ((at - start) % LETTERS_AT_ONCE === 0) value = next();
    const isBlank = (at - start) % WORD_LETTERS === WORD_LETTERS - 1;
    block[at] = isBlank ? BLANK : LETTER_A + (value % LETTERS);
    value = Math.floor(value / LETTERS);
  }
  block[end] = NEWLINE;
  return end + 1;
}

/** A xorshift generator of 32 bits. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
