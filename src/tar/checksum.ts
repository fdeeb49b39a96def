import { BLOCK_BYTES, FIELD } from "./layout.ts";

const BLOCK_WORDS = BLOCK_BYTES / 4;
/** The checksum counts its own field as eight spaces. */
const FIELD_AS_SPACES = FIELD.checksum.size * 0x20;

const HALVES = 0x00ff00ff;

/**
 * Adds the 512 bytes of the block whose first word is `wordIndex`, four at a time: each half of
 * the running sum takes two bytes a word, and 128 words of 2 * 255 just fit into 16 bits. Two
 * words a turn, since this loop is most of the work on an archive of small files.
 */
export function sumBlock(words: Uint32Array, wordIndex: number): number {
  let sum = 0;
  for (let index = wordIndex; index < wordIndex + BLOCK_WORDS; index += 2) {
    const one = words[index] ?? 0;
    const two = words[index + 1] ?? 0;
    const ones = (one & HALVES) + ((one >>> 8) & HALVES);
    sum = (sum + ones + (two & HALVES) + ((two >>> 8) & HALVES)) | 0;
  }
  return (sum & 0xffff) + (sum >>> 16);
}

/** The checksum of a header from the plain sum of its bytes. */
export function checksumOf(bytes: Uint8Array, start: number, blockSum: number): number {
  let sum = blockSum + FIELD_AS_SPACES;
  const first = start + FIELD.checksum.at;
  for (let at = first; at < first + FIELD.checksum.size; at++) sum -= bytes[at] ?? 0;
  return sum;
}

/** The checksum of writers that took bytes for signed: old Sun and some V7 programs. */
export function signedChecksumOf(bytes: Uint8Array, start: number): number {
  let sum = FIELD_AS_SPACES;
  for (let index = 0; index < BLOCK_BYTES; index++) {
    const inField = index >= FIELD.checksum.at && index < FIELD.checksum.at + FIELD.checksum.size;
    if (!inField) sum += ((bytes[start + index] ?? 0) << 24) >> 24;
  }
  return sum;
}
