import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ZvmError } from "../../base/index.ts";
import {
  GUEST_REGISTERS,
  type NexeImageHead,
  type NexeState,
  readNexeImage,
  readNexeState,
  VECTOR_BYTES,
  VECTORS,
  writeNexeImage,
  writeNexeState,
  writeStretchHead,
} from "./index.ts";

function sha256(...pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

const words = fc.nat(2 ** 32 - 1);
const texts = fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("latin1"));

/** Objects, with their free places in some order. */
const objects = fc
  .array(fc.record({ kind: fc.nat(3), value: words }), { maxLength: 6 })
  .chain((sync) => {
    const free = sync.flatMap(({ kind }, slot) => (kind === 0 ? [slot] : []));
    const orders = fc.shuffledSubarray(free, { minLength: free.length });
    return fc.record({ sync: fc.constant(sync), freeSync: orders });
  });

const heaps = fc.record({
  break: fc.nat(2 ** 32),
  highestBreak: fc.nat(2 ** 32),
  runs: fc.array(fc.record({ pages: fc.nat(65_536), flags: fc.nat(15) }), { maxLength: 4 }),
});

const states: fc.Arbitrary<NexeState> = fc.record({
  call: fc.nat(2046),
  registers: fc.tuple(
    ...GUEST_REGISTERS.map(({ maximum }) => fc.bigInt({ min: 0n, max: maximum })),
  ),
  vectors: fc.array(fc.uint8Array({ minLength: VECTOR_BYTES, maxLength: VECTOR_BYTES }), {
    minLength: VECTORS.length,
    maxLength: VECTORS.length,
  }),
  world: fc
    .record({
      ageNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      heap: fc.option(heaps, { nil: undefined }),
      objects,
      tls: words,
      secondTls: words,
      forks: fc
        .uniqueArray(fc.nat(2 ** 20), { maxLength: 3 })
        .map((fds) => [...fds].sort((a, b) => a - b)),
      args: fc.array(texts, { maxLength: 3 }),
      env: fc.array(fc.tuple(texts, texts), { maxLength: 3 }),
    })
    .map(({ objects: both, heap, ...world }) => {
      return { ...world, ...both, ...(heap !== undefined && { heap }) };
    }),
});

/** Pages by number, with contents somewhere in them. */
const memories = fc
  .uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 4 })
  .chain((pages) =>
    fc.tuple(
      ...[...pages]
        .sort((a, b) => a - b)
        .map((page) =>
          fc.record({
            start: fc.nat(65_536 - 32).map((at) => page * 65_536 + at),
            bytes: fc.uint8Array({ minLength: 1, maxLength: 32 }),
          }),
        ),
    ),
  );

const heads: fc.Arbitrary<NexeImageHead> = fc.record({
  policy: fc.constantFrom("zerovm" as const, "nacl" as const),
  clockNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  entropyBytes: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  memoryBytes: fc.nat(2 ** 32),
  heapEnd: fc.nat(2 ** 32),
});

function stateBytes(state: NexeState, memory: readonly { start: number; bytes: Uint8Array }[]) {
  const stretches = memory.flatMap(({ start, bytes }) => [
    writeStretchHead(start, bytes.length),
    bytes,
  ]);
  return new Uint8Array(Buffer.concat([writeNexeState(state), ...stretches]));
}

const programs = fc.uint8Array({ maxLength: 100 });

describe("the image of a nexe", () => {
  test("is read as it was written, whatever that is", () => {
    fc.assert(
      fc.property(heads, programs, states, memories, (head, program, state, memory) => {
        const bytes = writeNexeImage(head, program, stateBytes(state, memory), sha256);
        const { program: read, memory: stretches, ...image } = readNexeImage(bytes, sha256);
        expect(image).toEqual({ ...head, state, sourceHash: sha256(program) });
        expect(Buffer.compare(read, program)).toBe(0);
        expect(stretches.map(({ start }) => start)).toEqual(memory.map(({ start }) => start));
      }),
      { numRuns: 200 },
    );
  });

  test("that was damaged anywhere is refused", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(heads, states, memories, changes, fc.nat(), (head, state, memory, all, cut) => {
        const whole = writeNexeImage(head, new Uint8Array(9), stateBytes(state, memory), sha256);
        const bytes = cut % 2 === 0 ? whole.slice() : whole.slice(0, cut % whole.length);
        for (const [at, flip] of all) {
          if (bytes.length > 0) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
        }
        if (Buffer.compare(bytes, whole) === 0) return;
        // What the magic says is asked before; nothing that is read depends on it.
        expect(() => readNexeImage(bytes, sha256)).toThrow(ZvmError);
      }),
      { numRuns: 500 },
    );
  });

  test("has a state that is refused, or within its bounds, where somebody forged it", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(states, memories, changes, (state, memory, all) => {
        const bytes = stateBytes(state, memory);
        for (const [at, value] of all) bytes[at % bytes.length] = value;
        try {
          const forged = readNexeState(bytes, 0);
          expect(forged.state.call).toBeLessThan(2047);
          forged.state.registers.forEach((value, at) => {
            expect(value <= (GUEST_REGISTERS[at]?.maximum ?? 0n)).toBe(true);
          });
          let from = 65_536;
          for (const { start, bytes: stretch } of forged.memory) {
            expect(start).toBeGreaterThanOrEqual(from);
            from = start + stretch.length;
            expect(from).toBeLessThanOrEqual(2 ** 32);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ZvmError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["the number of a call that there is not", 0, 2047, "the number of the call is 2047"],
    ["a direction flag of 2", 4 + 8 * 37, 2, "df is 2, more than 1"],
    ["a count that is larger than the file", 4 + 8 * 40 + 520, 2 ** 31, "the count of heaps"],
  ])("is refused for %s", (_, at, value, message) => {
    const state: NexeState = {
      call: 0,
      registers: GUEST_REGISTERS.map(() => 0n),
      vectors: VECTORS.map(() => new Uint8Array(VECTOR_BYTES)),
      world: {
        ageNs: 0n,
        sync: [],
        freeSync: [],
        tls: 0,
        secondTls: 0,
        forks: [],
        args: [],
        env: [],
      },
    };
    const bytes = writeNexeState(state);
    new DataView(bytes.buffer).setUint32(at, value, true);
    expect(() => readNexeState(bytes, 0)).toThrow(message);
  });
});
