/** A reducer: counts the words that all mappers send to it, a word a line. */
import { openToRead, peersOf, read } from "../../assembly/connections";

const BLOCK_BYTES: usize = 65_536;
const NEWLINE: u8 = 10;

const counts = new Map<string, i32>();
/** A block, behind the begin of a word whose end is still to come. */
const block = heap.alloc(2 * BLOCK_BYTES);

function count(word: string): void {
  counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1);
}

/** Counts the words of a block. @returns where the last one begins, which has no end yet */
function countAll(end: usize): usize {
  let start = block;
  for (let at = block; at < end; at++) {
    if (load<u8>(at) !== NEWLINE) continue;
    count(String.UTF8.decodeUnsafe(start, at - start));
    start = at + 1;
  }
  return start;
}

const mappers = peersOf("in", "map");
for (let index = 0; index < mappers.length; index++) {
  const input = openToRead(`/dev/in/${mappers[index]}`);
  let kept: usize = 0;
  let size = read(input, block, BLOCK_BYTES);
  while (size > 0) {
    const end = block + kept + size;
    const start = countAll(end);
    kept = end - start;
    memory.copy(block, start, kept);
    size = read(input, block + kept, BLOCK_BYTES);
  }
}

const words = counts.keys().sort();
for (let index = 0; index < words.length; index++) {
  process.stdout.write(`${words[index]} ${counts.get(words[index])}\n`);
}
