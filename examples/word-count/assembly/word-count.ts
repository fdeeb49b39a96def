/** Counts lines, words and bytes of standard input, and the words that come most often. */

const SPACE: u8 = 0x20;
const NEWLINE: u8 = 0x0a;
const SHOWN: i32 = 3;

let lines = 0;
let words = 0;
let bytes = 0;
let word = "";
const counts = new Map<string, i32>();

function endWord(): void {
  if (word.length === 0) return;
  words += 1;
  counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1);
  word = "";
}

function take(byte: u8): void {
  bytes += 1;
  if (byte === NEWLINE) lines += 1;
  if (byte <= SPACE) endWord();
  else word += String.fromCharCode(byte).toLowerCase();
}

const buffer = new ArrayBuffer(4096);
const view = Uint8Array.wrap(buffer);
let size = process.stdin.read(buffer);
while (size > 0) {
  for (let index = 0; index < size; index++) take(view[index]);
  size = process.stdin.read(buffer);
}
endWord();
process.stdout.write(`${lines} lines, ${words} words, ${bytes} bytes\n`);

const names = counts.keys();
names.sort((a, b) => {
  const difference = counts.get(b) - counts.get(a);
  if (difference !== 0) return difference;
  return a < b ? -1 : 1;
});
for (let index = 0; index < min(SHOWN, names.length); index++) {
  process.stdout.write(`${counts.get(names[index])} ${names[index]}\n`);
}
