/** A stretch of memory that is not all zeros. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A shorter run of zeros is written: each segment has a head of some bytes. */
const ZEROS_MIN = 16;
/** Engines take at most 100 000 segments. */
const STRETCHES_MAX = 20_000;
const WORD_BYTES = 8;

/** The stretches of a memory that have contents, few enough to be segments. */
export function stretchesOf(memory: Uint8Array): Stretch[] {
  let found = withoutZeros(memory);
  // Each round joins what is close; the result depends on the contents alone.
  for (let gap = 2 * ZEROS_MIN; found.length > STRETCHES_MAX; gap *= 2) found = joined(found, gap);
  return found;
}

function withoutZeros(memory: Uint8Array): Stretch[] {
  const stretches: Stretch[] = [];
  let start = nextByte(memory, 0);
  while (start < memory.length) {
    let end = start + 1;
    let next = nextByte(memory, end);
    while (next < memory.length && next - end < ZEROS_MIN) {
      end = next + 1;
      next = nextByte(memory, end);
    }
    stretches.push({ start, end });
    start = next;
  }
  return stretches;
}

/** The next byte from `at` on that is not 0; the length where there is none. */
function nextByte(memory: Uint8Array, at: number): number {
  let from = at;
  while (from < memory.length && from % WORD_BYTES !== 0) {
    if (memory[from] !== 0) return from;
    from += 1;
  }
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length / WORD_BYTES);
  let word = from / WORD_BYTES;
  while (word < words.length && words[word] === 0n) word += 1;
  let byte = word * WORD_BYTES;
  while (byte < memory.length && memory[byte] === 0) byte += 1;
  return Math.min(byte, memory.length);
}

function joined(stretches: readonly Stretch[], gap: number): Stretch[] {
  const all: Stretch[] = [];
  let open: Stretch | undefined;
  for (const next of stretches) {
    if (open !== undefined && next.start - open.end < gap)
      open = { start: open.start, end: next.end };
    else {
      if (open !== undefined) all.push(open);
      open = next;
    }
  }
  return open === undefined ? all : [...all, open];
}
