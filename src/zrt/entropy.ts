/**
 * Deterministic random bytes: the ChaCha20 key stream (RFC 8439) whose key is the 64-bit seed,
 * little-endian, and zeros; nonce and first counter are zero. One stream serves `random_get`,
 * `/dev/random` and `/dev/urandom` and advances with each read.
 */
export interface Entropy {
  fill(memory: Uint8Array, start: number, size: number): void;
  readonly isReal: boolean;
}

const BLOCK_BYTES = 64;
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

/** @param usedBytes how much of the stream has been used already */
export function seededEntropy(seed: bigint, usedBytes = 0n): Entropy {
  const stream = new KeyStream(seed);
  stream.skipTo(usedBytes);
  return { isReal: false, fill: (memory, start, size) => stream.fill(memory, start, size) };
}

class KeyStream {
  readonly #state = new Int32Array(16);
  readonly #words = new Int32Array(16);
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #used = BLOCK_BYTES;

  constructor(seed: bigint) {
    this.#state.set(CONSTANTS);
    this.#state[4] = Number(seed & 0xffff_ffffn);
    this.#state[5] = Number((seed >> 32n) & 0xffff_ffffn);
  }

  fill(memory: Uint8Array, start: number, size: number): void {
    for (let done = 0; done < size; ) {
      if (this.#used === BLOCK_BYTES) this.#nextBlock();
      const count = Math.min(size - done, BLOCK_BYTES - this.#used);
      memory.set(this.#block.subarray(this.#used, this.#used + count), start + done);
      this.#used += count;
      done += count;
    }
  }

  /** In constant time: blocks are numbered. */
  skipTo(position: bigint): void {
    const block = position / BigInt(BLOCK_BYTES);
    this.#state[12] = Number(BigInt.asIntN(32, block));
    this.#state[13] = Number(BigInt.asIntN(32, block >> 32n));
    const rest = Number(position % BigInt(BLOCK_BYTES));
    if (rest === 0) return;
    this.#nextBlock();
    this.#used = rest;
  }

  #nextBlock(): void {
    chachaBlock(this.#state, this.#words, this.#block);
    this.#used = 0;
    this.#countBlock();
  }

  /** The block counter takes 64 bits here, so that the stream never repeats in practice. */
  #countBlock(): void {
    const low = ((this.#state[12] ?? 0) + 1) | 0;
    this.#state[12] = low;
    if (low === 0) this.#state[13] = ((this.#state[13] ?? 0) + 1) | 0;
  }
}

/**
 * The block function of ChaCha20: 64 bytes of key stream for a state of 16 words (constants, key,
 * counter, nonce). `words` is scratch.
 */
export function chachaBlock(state: Int32Array, words: Int32Array, block: Uint8Array): void {
  words.set(state);
  for (let round = 0; round < 10; round++) {
    quarter(words, 0, 4, 8, 12);
    quarter(words, 1, 5, 9, 13);
    quarter(words, 2, 6, 10, 14);
    quarter(words, 3, 7, 11, 15);
    quarter(words, 0, 5, 10, 15);
    quarter(words, 1, 6, 11, 12);
    quarter(words, 2, 7, 8, 13);
    quarter(words, 3, 4, 9, 14);
  }
  const view = new DataView(block.buffer, block.byteOffset);
  for (let index = 0; index < 16; index++) {
    view.setInt32(4 * index, ((words[index] ?? 0) + (state[index] ?? 0)) | 0, true);
  }
}

function quarter(words: Int32Array, a: number, b: number, c: number, d: number): void {
  let first = words[a] ?? 0;
  let second = words[b] ?? 0;
  let third = words[c] ?? 0;
  let fourth = words[d] ?? 0;
  first = (first + second) | 0;
  fourth = rotated(fourth ^ first, 16);
  third = (third + fourth) | 0;
  second = rotated(second ^ third, 12);
  first = (first + second) | 0;
  fourth = rotated(fourth ^ first, 8);
  third = (third + fourth) | 0;
  second = rotated(second ^ third, 7);
  words[a] = first;
  words[b] = second;
  words[c] = third;
  words[d] = fourth;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
