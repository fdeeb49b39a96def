import { expect, test } from "vitest";
import { Dice } from "../../test/support/dice.ts";
import { NexeRefused, readNexe, textOf, writeNexe } from "./elf/index.ts";
import { FINDINGS_MAX, validate } from "./validator/index.ts";

const SIZE = 16 * 2 ** 20;
const MEMORY_MAX_BYTES = 512 * 2 ** 20;

function randomBytes(seed: number): Uint8Array {
  const dice = new Dice(seed);
  return new Uint8Array(Uint32Array.from({ length: SIZE / 4 }, () => dice.below(2 ** 32)).buffer);
}

/** Judges so much code in bounded memory; gives how many findings there are. */
function findingsIn(code: Uint8Array): { listed: number; others: number } {
  const memoryBefore = process.memoryUsage().rss;
  const { valid, findings, moreFindings } = validate(code, { policy: "zerovm" });
  expect(process.memoryUsage().rss - memoryBefore).toBeLessThan(MEMORY_MAX_BYTES);
  expect(valid).toBe(false);
  return { listed: findings.length, others: moreFindings };
}

test("16 MiB of random bytes are no program", () => {
  for (const seed of [1, 2, 3]) {
    const bytes = randomBytes(seed);
    expect(() => readNexe(bytes, "zerovm")).toThrow(NexeRefused);
    bytes.set(writeNexe({ text: new Uint8Array(64).fill(0x90) }).subarray(0, 64));
    expect(() => readNexe(bytes, "nacl")).toThrow(NexeRefused);
  }
});

test("16 MiB of random code are refused, with as many findings as are listed at most", () => {
  const file = writeNexe({ text: randomBytes(4) });
  const { listed, others } = findingsIn(textOf(file, readNexe(file, "zerovm")));
  expect(listed).toBe(FINDINGS_MAX);
  // Nearly every bundle has one.
  expect(others).toBeGreaterThan(SIZE / 64);
});

test("16 MiB of jumps into the instructions behind them are refused one by one", () => {
  // eb 01: over the next byte; b8: a move, in whose constant the jump ends, and so on.
  const bundle = Array.from({ length: 32 }, (_, at) => [0xeb, 0x01, 0xb8, 0x90][at % 4] ?? 0);
  const code = new Uint8Array(SIZE);
  for (let at = 0; at < SIZE; at += 32) code.set(bundle, at);
  const { listed, others } = findingsIn(code);
  expect(listed + others).toBeGreaterThan(SIZE / 32);
});
