import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { forPieces, hostHash, realEntropy } from "./real-world.ts";

describe("forPieces", () => {
  test.each<[size: number, pieceBytes: number, visits: [at: number, count: number][]]>([
    [0, 4, []],
    [3, 4, [[0, 3]]],
    [4, 4, [[0, 4]]],
    [
      9,
      4,
      [
        [0, 4],
        [4, 4],
        [8, 1],
      ],
    ],
    [
      2 ** 32,
      2 ** 31,
      [
        [0, 2 ** 31],
        [2 ** 31, 2 ** 31],
      ],
    ],
  ])("%s bytes by %s", (size, pieceBytes, visits) => {
    const seen: [number, number][] = [];
    forPieces(size, pieceBytes, (at, count) => seen.push([at, count]));
    expect(seen).toEqual(visits);
  });
});

test("a digest of the host is over what it was given", () => {
  const bytes = new TextEncoder().encode("some bytes");
  const hash = hostHash("sha256");
  hash.update(bytes.subarray(0, 4));
  hash.update(bytes.subarray(4, 4));
  hash.update(bytes.subarray(4));
  expect(hash.digestHex()).toBe(createHash("sha256").update(bytes).digest("hex"));
});

test("entropy of the host reaches the last bytes of the largest memory", () => {
  // Hardly touched, so that it takes little memory of the machine.
  const memory = new Uint8Array(2 ** 32);
  realEntropy().fill(memory, 2 ** 32 - 100, 100);
  expect(memory.subarray(-100).some((byte) => byte !== 0)).toBe(true);
});

test("entropy of the host fills the stretch that was asked for", () => {
  const memory = new Uint8Array(1000);
  realEntropy().fill(memory, 100, 800);
  expect(memory.subarray(100, 900).some((byte) => byte !== 0)).toBe(true);
  expect([...memory.subarray(0, 100), ...memory.subarray(900)].every((byte) => byte === 0)).toBe(
    true,
  );
});
