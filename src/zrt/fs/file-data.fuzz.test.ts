import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ByteSource, HostIoError, memorySource, STANDARD_LIMITS } from "../../base/index.ts";
import { Budget } from "./budget.ts";
import { FileData, PAGE_BYTES } from "./file-data.ts";

type Step =
  | {
      readonly kind: "write";
      readonly offset: number;
      readonly size: number;
      readonly byte: number;
    }
  | { readonly kind: "read"; readonly offset: number; readonly size: number }
  | { readonly kind: "truncate"; readonly size: number };

/** Near the edges of pages, where mistakes live, and anywhere. */
const position = fc.oneof(
  fc.integer({ min: 0, max: 3 * PAGE_BYTES }),
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -3, max: 3 }))
    .map(([page, near]) => Math.max(0, page * PAGE_BYTES + near)),
  fc.integer({ min: 0, max: 600 }),
);
const size = fc.oneof(
  fc.integer({ min: 0, max: 600 }),
  fc.integer({ min: 0, max: 2 * PAGE_BYTES }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    offset: position,
    size,
    byte: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ kind: fc.constant("read" as const), offset: position, size }),
  fc.record({ kind: fc.constant("truncate" as const), size: position }),
);

const BACKING_OFFSET = 7;

function pattern(sizeBytes: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, index) => 1 + ((index * 31) % 250));
}

/** The same file as one plain array. */
class Model {
  bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  write(offset: number, count: number, byte: number): void {
    if (count === 0) return;
    if (offset + count > this.bytes.length) this.truncate(offset + count);
    this.bytes.fill(byte, offset, offset + count);
  }

  truncate(sizeBytes: number): void {
    const cut = new Uint8Array(sizeBytes);
    cut.set(this.bytes.subarray(0, sizeBytes));
    this.bytes = cut;
  }
}

function readAll(data: FileData): Uint8Array {
  // What the call does not write must stay: the buffer is longer and filled.
  const into = new Uint8Array(data.sizeBytes + 2).fill(0xee);
  expect(data.read(into, 1, data.sizeBytes, 0)).toBe(data.sizeBytes);
  expect([into[0], into[into.length - 1]]).toEqual([0xee, 0xee]);
  return into.slice(1, -1);
}

describe("FileData against a plain array", () => {
  test.each([
    ["of its own", 0],
    ["over a short stretch of an image", 300],
    ["over pages of an image", 2 * PAGE_BYTES + 1000],
  ])("%s", (_, backedBytes) => {
    const image = new Uint8Array(BACKING_OFFSET + backedBytes + 99).fill(0xdd);
    image.set(pattern(backedBytes), BACKING_OFFSET);
    const source = memorySource(image);
    const before = image.slice();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const budget = new Budget(STANDARD_LIMITS);
        const backing = { source, offset: BACKING_OFFSET, sizeBytes: backedBytes };
        const data = backedBytes === 0 ? new FileData(budget) : new FileData(budget, backing);
        const model = new Model(pattern(backedBytes));
        for (const each of steps) apply(data, model, each);
        expect(data.sizeBytes).toBe(model.bytes.length);
        expect(Buffer.compare(readAll(data), model.bytes)).toBe(0);
        expect(budget.bytes).toBe(data.heldBytes);
        data.discard();
        expect([budget.bytes, data.sizeBytes]).toEqual([0, 0]);
      }),
      { numRuns: 300 },
    );
    expect(Buffer.compare(image, before)).toBe(0);
  });

  test("a full budget leaves what was there, and what fitted", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const budget = new Budget({ ...STANDARD_LIMITS, "fs-bytes": PAGE_BYTES + 4096 });
        const data = new FileData(budget);
        const model = new Model(new Uint8Array(0));
        for (const each of steps) apply(data, model, each);
        expect(Buffer.compare(readAll(data), model.bytes)).toBe(0);
        expect(budget.bytes).toBeLessThanOrEqual(PAGE_BYTES + 4096);
      }),
      { numRuns: 300 },
    );
  });
});

function apply(data: FileData, model: Model, step: Step): void {
  if (step.kind === "truncate") {
    expect(data.truncate(step.size)).toBe(0);
    model.truncate(step.size);
  } else if (step.kind === "write") {
    const memory = new Uint8Array(step.size + 2).fill(step.byte, 1, step.size + 1);
    const written = data.write(memory, 1, step.size, step.offset);
    if (written >= 0) model.write(step.offset, written, step.byte);
    else expect(written).toBe(-28);
  } else {
    const into = new Uint8Array(step.size + 2).fill(0xee);
    const count = data.read(into, 1, step.size, step.offset);
    const expected = model.bytes.subarray(step.offset, step.offset + step.size);
    expect(count).toBe(expected.length);
    expect(Buffer.compare(into.subarray(1, 1 + count), expected)).toBe(0);
    expect(into.subarray(1 + count).every((byte) => byte === 0xee)).toBe(true);
  }
}

describe("FileData", () => {
  test("an image that became shorter behind our back is an error of the host", () => {
    const source: ByteSource = { ...memorySource(pattern(10)), sizeBytes: 100 };
    const data = new FileData(new Budget(STANDARD_LIMITS), { source, offset: 5, sizeBytes: 20 });
    expect(() => readAll(data)).toThrow(HostIoError);
    expect(() => data.write(Uint8Array.of(1), 0, 1, 0)).toThrow("became shorter");
    const some = new Uint8Array(5);
    expect(data.read(some, 0, 5, 0)).toBe(5);
    expect(some).toEqual(pattern(10).subarray(5));
  });

  test("a file of very many pages has no small ones any more", () => {
    const budget = new Budget(STANDARD_LIMITS);
    const data = new FileData(budget);
    const put = (page: number): number => data.write(Uint8Array.of(7), 0, 1, page * PAGE_BYTES);
    for (let page = 0; page < 1024; page++) expect(put(2 * page)).toBe(1);
    expect(budget.bytes).toBe(1024 * 256);
    expect(put(2048)).toBe(1);
    expect(put(2048)).toBe(1);
    expect(budget.bytes).toBe(1024 * 256 + 4096);
    expect(data.heldBytes).toBe(budget.bytes);
    data.discard();
    expect(budget.bytes).toBe(0);
  });

  test.each([
    ["2 GiB", 2 ** 31],
    ["5 GiB less one", 5 * 2 ** 30 - 1],
    ["2^50", 2 ** 50],
  ])("a byte at %s costs a page at most", (_, offset) => {
    const budget = new Budget(STANDARD_LIMITS);
    const data = new FileData(budget);
    expect(data.write(Uint8Array.of(7), 0, 1, offset)).toBe(1);
    expect(data.sizeBytes).toBe(offset + 1);
    expect(budget.bytes).toBeLessThanOrEqual(PAGE_BYTES);
    const around = new Uint8Array(4).fill(9);
    expect(data.read(around, 0, 4, offset - 2)).toBe(3);
    expect([...around]).toEqual([0, 0, 7, 9]);
    expect(data.truncate(offset)).toBe(0);
    expect(data.truncate(offset + 1)).toBe(0);
    expect(data.read(around, 0, 1, offset)).toBe(1);
    expect(around[0]).toBe(0);
  });

  test("nothing reaches past the largest exact offset", () => {
    const data = new FileData(new Budget(STANDARD_LIMITS));
    expect(data.write(Uint8Array.of(7), 0, 1, 2 ** 53 - 1)).toBe(-27);
    expect(data.truncate(2 ** 53)).toBe(27);
    expect(data.truncate(2 ** 53 - 1)).toBe(0);
    expect(data.heldBytes).toBe(0);
  });
});
