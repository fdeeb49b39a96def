import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { moduleOf } from "../../../test/support/wat.ts";
import { ZvmError } from "../../base/index.ts";
import { readModule } from "../index.ts";
import { stretchesOf } from "./data-segments.ts";
import { FROZEN_BYTES, hashedParts, readFrozenHead } from "./frozen-head.ts";
import { frozenModule, type Shown } from "./frozen-module.ts";
import { planFreezing } from "./probe-module.ts";

const PAGE_BYTES = 65_536;

const SOURCE = moduleOf(`(module
  (memory (export "memory") 1 9)
  (global $a (mut i32) (i32.const 1)) (global $b (mut f64) (f64.const 1))
  (table $t 2 funcref) (elem (i32.const 0) $run)
  (data $active (i32.const 8) "active") (data $passive "passive")
  (func $init (export "wizer.initialize")
    (global.set $a (i32.const 2)) (global.set $b (f64.const 2))
    (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 1)))
  (func $run (export "_start")))`);

function sha256(...pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

function shownOf(memory: Uint8Array): Shown {
  const state = { clockNs: 2n ** 64n - 1n, entropyBytes: 5n };
  return { memory, values: [7n, 0x4000_0000_0000_0000n], state };
}

/** Memory with some runs of bytes, zeros between them. */
const memories = fc
  .array(
    fc.record({
      at: fc.nat(PAGE_BYTES - 64),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    }),
    { maxLength: 20 },
  )
  .map((runs) => {
    const memory = new Uint8Array(PAGE_BYTES);
    for (const { at, bytes } of runs) memory.set(bytes, at);
    return memory;
  });

describe("a frozen module", () => {
  test("has the memory that it was written with, whatever that is", () => {
    const plan = planFreezing(SOURCE);
    fc.assert(
      fc.property(memories, (memory) => {
        const bytes = frozenModule(plan, shownOf(memory), sha256);
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
        const { buffer } = exports["memory"] as WebAssembly.Memory;
        expect(Buffer.compare(new Uint8Array(buffer), memory)).toBe(0);
        expect(exports["wizer.initialize"]).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test("says what it was made of, and where it goes on", () => {
    const bytes = frozenModule(planFreezing(SOURCE), shownOf(new Uint8Array(PAGE_BYTES)), sha256);
    const head = readFrozenHead(bytes.subarray(0, FROZEN_BYTES), readModule(bytes));
    expect(head).toEqual({
      sourceHash: sha256(SOURCE),
      clockNs: 2n ** 64n - 1n,
      entropyBytes: 5n,
      hash: sha256(...hashedParts(bytes)),
    });
    expect(readFrozenHead(SOURCE, readModule(SOURCE))).toBeUndefined();
  });

  test("that was damaged is refused, or says something else than its hash", () => {
    const whole = frozenModule(planFreezing(SOURCE), shownOf(new Uint8Array(PAGE_BYTES)), sha256);
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (all, cut) => {
        const bytes = whole.slice(0, Math.max(8, cut));
        for (const [at, flip] of all) bytes[at] = (bytes[at] ?? 0) ^ flip;
        if (Buffer.compare(bytes, whole) === 0) return;
        try {
          const head = readFrozenHead(bytes.subarray(0, FROZEN_BYTES), readModule(bytes));
          if (head !== undefined) expect(sha256(...hashedParts(bytes))).not.toBe(head.hash);
        } catch (error) {
          expect(error).toBeInstanceOf(ZvmError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("a plan for a damaged module is an error, or a probe that is as valid as its module", () => {
  const changes = fc.array(fc.tuple(fc.nat(SOURCE.length - 1), fc.nat(255)), { maxLength: 3 });
  fc.assert(
    fc.property(changes, (all) => {
      const bytes = SOURCE.slice();
      for (const [at, value] of all) bytes[at] = value;
      const isValid = WebAssembly.validate(bytes);
      try {
        const { probe } = planFreezing(bytes);
        if (isValid) expect(WebAssembly.validate(probe)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(ZvmError);
      }
    }),
    { numRuns: 2000 },
  );
});

describe("the stretches of a memory", () => {
  test("are all that is not zero, in order, with no long run of zeros in between", () => {
    fc.assert(
      fc.property(memories, (memory) => {
        const copy = new Uint8Array(memory.length);
        let last = -16;
        for (const { start, end } of stretchesOf(memory)) {
          expect(start - last).toBeGreaterThanOrEqual(16);
          expect([memory[start] === 0, memory[end - 1] === 0]).toEqual([false, false]);
          copy.set(memory.subarray(start, end), start);
          last = end;
        }
        expect(Buffer.compare(copy, memory)).toBe(0);
      }),
    );
  });

  test("are few, also where the memory is all in pieces", () => {
    const memory = new Uint8Array(64 * PAGE_BYTES);
    for (let at = 0; at < memory.length; at += 20) memory[at] = 1;
    const found = stretchesOf(memory);
    expect(found.length).toBeLessThanOrEqual(20_000);
    expect([found[0]?.start, found.at(-1)?.end]).toEqual([0, memory.length - 3]);
  });
});
