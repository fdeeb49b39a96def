import { expect, test } from "vitest";
import { chachaBlock, seededEntropy } from "./entropy.ts";

function bytesOfSeed(seed: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  seededEntropy(seed).fill(bytes, 0, size);
  return bytes;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

test("the block function gives the block of RFC 8439, 2.3.2", () => {
  const key = Array.from({ length: 8 }, (_, word) => 0x03020100 + word * 0x04040404);
  const constants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
  const state = new Int32Array([...constants, ...key, 1, 0x09000000, 0x4a000000, 0]);
  const block = new Uint8Array(64);
  chachaBlock(state, new Int32Array(16), block);
  expect(hexOf(block)).toBe(
    "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e" +
      "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e",
  );
});

test("seed 0 is the key stream of the zero key: vectors 1 and 2 of RFC 8439, A.1", () => {
  expect(hexOf(bytesOfSeed(0n, 128))).toBe(
    "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7" +
      "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586" +
      "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed" +
      "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
  );
});

test("seeds differ in their low and in their high half", () => {
  const streams = [0n, 1n, 2n, 2n ** 32n, 2n ** 63n].map((seed) => hexOf(bytesOfSeed(seed, 16)));
  expect(new Set(streams).size).toBe(5);
  expect(bytesOfSeed(7n, 16)).toEqual(bytesOfSeed(7n, 16));
});

test.each([[[1, 63, 64, 65, 7]], [[200]], [[0, 3, 0, 197]]])(
  "the stream goes on from one read to the next: %j",
  (sizes) => {
    const entropy = seededEntropy(9n);
    const bytes = new Uint8Array(202).fill(0x3f);
    let at = 1;
    for (const size of sizes) {
      entropy.fill(bytes, at, size);
      at += size;
    }
    expect(bytes.subarray(1, at)).toEqual(bytesOfSeed(9n, at - 1));
    expect([bytes[0], bytes[201]]).toEqual([0x3f, 0x3f]);
    expect(entropy.isReal).toBe(false);
  },
);
