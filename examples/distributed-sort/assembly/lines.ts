/**
 * Lines as bytes in memory. The order is that of `LC_ALL=C sort`: byte by byte, and a line comes
 * before those that it begins. Eight bytes are compared at a time, as one number whose highest byte
 * is the first; a line that ends within them counts as if zeros followed.
 *
 * Up to 16 bytes behind a line are read, and written behind a copy: leave room.
 */

/** Room behind lines. */
export const SLACK: usize = 16;
export const NEWLINE: u8 = 10;

/** Bytes of a line that decide to which sorter it goes. */
export const KEY_BYTES: usize = 64;

const MULTIPLIER: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;
const FINISHER: u64 = ((<u64>0xd6e8feb8) << 32) | 0x6659fd93;

/** @returns where the next newline is, which must be there */
export function endOfLine(at: usize): usize {
  const newlines = i8x16.splat(NEWLINE);
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), newlines));
    if (found !== 0) return at + ctz(found);
    at += 16;
  }
}

/** Eight bytes of a line as a number that compares as they do; `left` bytes of it are left. */
export function wordAt(at: usize, left: usize): u64 {
  const word = bswap(load<u64>(at));
  if (left >= 8) return word;
  if (left === 0) return 0;
  return word & ((<u64>-1) << (64 - ((<u64>left) << 3)));
}

/** @returns whether the first line comes behind the second */
export function isBehind(one: usize, oneSize: usize, other: usize, otherSize: usize): bool {
  const common = min(oneSize, otherSize);
  for (let offset: usize = 0; offset < common; offset += 8) {
    const first = wordAt(one + offset, common - offset);
    const second = wordAt(other + offset, common - offset);
    if (first !== second) return first > second;
  }
  return oneSize > otherSize;
}

/** Copies a line. @returns a number made of its bytes; the sum of these tells lines apart */
export function copyLine(from: usize, to: usize, size: usize): u64 {
  let hash = (<u64>size + 1) * FINISHER;
  const whole = size & ~7;
  let offset: usize = 0;
  for (; offset < whole; offset += 8) {
    const word = load<u64>(from + offset);
    store<u64>(to + offset, word);
    hash = rotr(hash ^ word, 29) * MULTIPLIER;
  }
  if (offset < size) {
    const word = load<u64>(from + offset);
    store<u64>(to + offset, word);
    const kept = word & (((<u64>1) << ((<u64>(size - offset)) << 3)) - 1);
    hash = rotr(hash ^ kept, 29) * MULTIPLIER;
  }
  hash ^= hash >> 32;
  hash *= FINISHER;
  return hash ^ (hash >> 29);
}
