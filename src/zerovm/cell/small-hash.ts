import type { Hash, HashFactory } from "../../base/index.ts";

/** How much is collected before the host's library is worth its start of some milliseconds. */
const SMALL_BYTES = 4096;
const BLOCK_BYTES = 64;
const LENGTH_AT = 56;

/**
 * SHA-256 for what is usually short: the trace of a small session. Up to 4 KiB it is computed
 * here; beyond, everything goes to the digest that `large` makes.
 */
export function smallSha256(large: HashFactory): Hash {
  const collected = new Uint8Array(SMALL_BYTES);
  let sizeBytes = 0;
  let hash: Hash | undefined;
  return {
    update(bytes) {
      if (hash === undefined && sizeBytes + bytes.length <= SMALL_BYTES) {
        collected.set(bytes, sizeBytes);
        sizeBytes += bytes.length;
        return;
      }
      if (hash === undefined) {
        hash = large("sha256");
        hash.update(collected.subarray(0, sizeBytes));
      }
      hash.update(bytes);
    },
    digestHex: () => hash?.digestHex() ?? sha256Hex(collected.subarray(0, sizeBytes)),
  };
}

/** SHA-256 (FIPS 180-4) of a few kilobytes, in lower-case hex. */
export function sha256Hex(bytes: Uint8Array): string {
  const padded = padMessage(bytes);
  const state = Uint32Array.from(primes(8), (prime) => fractionBits(Math.sqrt(prime)));
  const constants = Uint32Array.from(primes(64), (prime) => fractionBits(Math.cbrt(prime)));
  const schedule = new Uint32Array(64);
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) {
    fillSchedule(schedule, view, at);
    mixBlock(state, schedule, constants);
  }
  return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}

function padMessage(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = Math.ceil((bytes.length + 1 + BLOCK_BYTES - LENGTH_AT) / BLOCK_BYTES);
  const padded = new Uint8Array(blocks * BLOCK_BYTES);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  new DataView(padded.buffer).setUint32(padded.length - 4, bytes.length * 8);
  return padded;
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++) {
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  }
  return found;
}

/** The first 32 bits behind the point. */
function fractionBits(value: number): number {
  return Math.floor((value - Math.floor(value)) * 2 ** 32);
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function fillSchedule(schedule: Uint32Array, view: DataView, at: number): void {
  for (let index = 0; index < 16; index++) schedule[index] = view.getUint32(at + 4 * index);
  for (let index = 16; index < 64; index++) {
    const early = schedule[index - 15] ?? 0;
    const late = schedule[index - 2] ?? 0;
    const small = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const large = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    schedule[index] = (schedule[index - 16] ?? 0) + small + (schedule[index - 7] ?? 0) + large;
  }
}

function mixBlock(state: Uint32Array, schedule: Uint32Array, constants: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let round = 0; round < 64; round++) {
    const chosen = (e & f) ^ (~e & g);
    const first =
      (h +
        (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
        chosen +
        (constants[round] ?? 0) +
        (schedule[round] ?? 0)) |
      0;
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    // One by one: an array for each round would take most of the time.
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index] = (state[index] ?? 0) + word;
  });
}
