import { beforeAll, describe, expect, test } from "vitest";
import type { Seal } from "../../../channels/index.ts";
import { loadKoffi } from "../../libc/index.ts";
import { nodeSeal } from "./node-seal.ts";
import { opensslSeal } from "./openssl-seal.ts";

const KEY = new Uint8Array(32).map((_, at) => at);
const HEAD = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 5]);

beforeAll(() => {
  loadKoffi();
});

function both(): readonly [Seal, Seal] {
  const fast = opensslSeal(KEY);
  if (fast === undefined) throw new Error("this Node has no OpenSSL that can be called");
  return [fast, nodeSeal(KEY)];
}

function sealed(seal: Seal, number: bigint, body: Uint8Array): Uint8Array {
  const into = new Uint8Array(body.length + seal.tagBytes);
  seal.seal(number, HEAD, body, into);
  return into;
}

describe("the two libraries that seal messages", () => {
  test("seal alike, and open what the other sealed", () => {
    const [fast, slow] = both();
    for (const size of [0, 1, 15, 16, 17, 4096, 65_536]) {
      const body = new Uint8Array(size).map((_, at) => (at * 7) % 256);
      for (const number of [0n, 1n, 2n ** 40n]) {
        const bytes = sealed(fast, number, body);
        expect(Buffer.compare(bytes, sealed(slow, number, body))).toBe(0);
        for (const seal of [fast, slow]) {
          const opened = new Uint8Array(size);
          expect(seal.open(number, HEAD, bytes, opened)).toBe(true);
          expect(Buffer.compare(opened, body)).toBe(0);
        }
      }
    }
  });

  test("open nothing else", () => {
    for (const seal of both()) {
      const bytes = sealed(seal, 3n, new Uint8Array(100));
      const into = new Uint8Array(100);
      expect(seal.open(4n, HEAD, bytes, into)).toBe(false);
      expect(seal.open(3n, new Uint8Array(8), bytes, into)).toBe(false);
      const changed = bytes.slice();
      changed[115] = (changed[115] ?? 0) ^ 1;
      expect(seal.open(3n, HEAD, changed, into)).toBe(false);
      expect(seal.open(3n, HEAD, bytes, into)).toBe(true);
    }
  });
});
