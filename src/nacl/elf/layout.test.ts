import { describe, expect, test } from "vitest";
import { changedNexe } from "../../../test/support/crafted-nexe.ts";
import { fillInitialMemory } from "./initial-memory.ts";
import { layout } from "./layout.ts";
import { NexeRefused } from "./nexe-refused.ts";
import { readNexe } from "./read-nexe.ts";
import { type NexeSections, writeNexe } from "./write-nexe.ts";

const TEXT = Uint8Array.from({ length: 0x60 }, (_, index) => index + 1);
const RODATA = new Uint8Array(0x30).fill(0x61);
const DATA = new Uint8Array(0x20).fill(0x62);
const FULL: NexeSections = { text: TEXT, rodata: RODATA, data: DATA, bssBytes: 0x240 };
const MEMORY = 33_554_432;
const MEBIBYTE = 2 ** 20;

const nexeOf = (sections: NexeSections) => readNexe(writeNexe(sections), "zerovm");

/** `name start-end access` of all regions, in hexadecimal. */
function regionsOf(sections: NexeSections, memoryBytes = MEMORY, manifestBytes = 0): string[] {
  const { regions } = layout(nexeOf(sections), memoryBytes, manifestBytes);
  return regions.map(
    ({ name, start, end, access }) => `${name} ${start.toString(16)}-${end.toString(16)} ${access}`,
  );
}

describe("layout()", () => {
  test("gives every address one region", () => {
    expect(regionsOf(FULL)).toEqual([
      "null 0-10000 none",
      "trampolines 10000-20000 rx",
      "text 20000-30000 rx",
      "rodata 30000-40000 r",
      "data 40000-40260 rw",
      "heap 40260-1000000 rw",
      "hole 1000000-feff0000 none",
      "manifest feff0000-ff000000 r",
      "stack ff000000-100000000 rw",
    ]);
  });

  test("leaves no region out where there are text and 4 GiB only", () => {
    expect(regionsOf({ text: TEXT }, 2 ** 32)).toEqual([
      "null 0-10000 none",
      "trampolines 10000-20000 rx",
      "text 20000-30000 rx",
      "heap 30000-feff0000 rw",
      "manifest feff0000-ff000000 r",
      "stack ff000000-100000000 rw",
    ]);
  });

  test("gives nothing to what lies between sections", () => {
    const far = changedNexe(writeNexe({ text: TEXT, rodata: RODATA }), {
      segments: { 1: { vaddr: 0x9_0000 } },
    });
    const { regions } = layout(readNexe(far, "zerovm"), MEMORY);
    expect(regions.slice(2, 6)).toEqual([
      { name: "text", start: 0x2_0000, end: 0x3_0000, access: "rx" },
      { name: "gap", start: 0x3_0000, end: 0x9_0000, access: "none" },
      { name: "rodata", start: 0x9_0000, end: 0xa_0000, access: "r" },
      { name: "heap", start: 0xa_0000, end: 0x100_0000, access: "rw" },
    ]);
  });

  test.each([
    [0xffe0, 0x3_0000],
    [0xffe1, 0x4_0000],
    [0x1_0000, 0x4_0000],
  ])("leaves 32 bytes of HLT behind a text of %i bytes", (textBytes, end) => {
    const nexe = nexeOf({ text: new Uint8Array(textBytes).fill(0x90), rodata: RODATA });
    expect(nexe.paddedTextEnd).toBe(end);
    expect(nexe.rodata?.address).toBe(end);
  });

  test.each([
    [33_554_432, 0x100_0000],
    [33_554_433, 0x101_0000],
    [25_493_505, 0x86_0000],
    [4_294_967_296, 0xfeff_0000],
  ])("ends the heap of %i bytes of memory where the original did", (memoryBytes, heapEnd) => {
    expect(layout(nexeOf(FULL), memoryBytes).heap).toEqual({ start: 0x4_0260, end: heapEnd });
  });

  test.each([
    [0, "memory-size"],
    [-1, "memory-size"],
    [2 ** 32 + 1, "memory-size"],
    [Number.NaN, "memory-size"],
    [1.5, "memory-size"],
    [1, "heap-too-small"],
    [25_493_504, "heap-too-small"],
  ])("refuses %d bytes of memory: %s", (memoryBytes, reason) => {
    const nexe = nexeOf(FULL);
    expect(() => layout(nexe, memoryBytes)).toThrow(NexeRefused);
    expect(() => layout(nexe, memoryBytes)).toThrow(
      expect.objectContaining({ reason, classicCode: 12 }),
    );
  });

  test("says how much memory would do, and it does", () => {
    const nexe = nexeOf(FULL);
    const least = 25_493_505;
    expect(() => layout(nexe, 1)).toThrow(`a memory of at least ${least} bytes`);
    expect(layout(nexe, least).heap.end).toBeGreaterThan(8 * MEBIBYTE);
  });

  test("shortens the heap for a user manifest of several pages, and only where they meet", () => {
    const nexe = nexeOf(FULL);
    expect(layout(nexe, 2 ** 32, 0x1_0000).heap.end).toBe(0xfeff_0000);
    expect(layout(nexe, 2 ** 32, 0x1_0001).heap.end).toBe(0xfefe_0000);
    expect(layout(nexe, MEMORY, 0x1_0001)).toMatchObject({
      heap: { end: 0x100_0000 },
      manifest: { start: 0xfefe_0000, end: 0xff00_0000 },
    });
    expect(() => layout(nexe, MEMORY, 2 ** 40)).toThrow(NexeRefused);
  });

  test("hashes what the original hashed: the heap only where there is data", () => {
    const ranges = (sections: NexeSections) =>
      layout(nexeOf(sections), MEMORY).hashed.map(({ start, end }) => [start, end]);
    const tail = [
      [0xfeff_0000, 0xff00_0000],
      [0xff00_0000, 0x1_0000_0000],
    ];
    const code = [0x1_0000, 0x3_0000];
    expect(ranges(FULL)).toEqual([code, [0x3_0000, 0x4_0000], [0x4_0000, 0x100_0000], ...tail]);
    expect(ranges({ text: TEXT, rodata: RODATA })).toEqual([code, [0x3_0000, 0x4_0000], ...tail]);
    expect(ranges({ text: TEXT })).toEqual([code, ...tail]);
  });

  test("is a frozen value that depends on nothing else", () => {
    const nexe = nexeOf(FULL);
    const guest = layout(nexe, MEMORY);
    expect(guest).toEqual(layout(nexe, MEMORY));
    for (const part of [guest, guest.regions, guest.contents, guest.hashed, guest.heap]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe("fillInitialMemory()", () => {
  const file = writeNexe(FULL);
  const guest = layout(readNexe(file, "zerovm"), MEMORY);
  const memoryAt = (start: number, sizeBytes: number): Uint8Array => {
    const into = new Uint8Array(sizeBytes).fill(0x3f);
    fillInitialMemory(guest, file, start, into);
    return into;
  };

  test("puts every part at its place", () => {
    const memory = memoryAt(0, 0x5_0000);
    const expected = new Uint8Array(0x5_0000);
    for (let slot = 0; slot < 2048; slot++) {
      const code = [0x48, 0xb8, 0, 0, 0x11, 0xca, 0xfe, 0x5a, 0, 0, 0xff, 0xd0];
      expected.fill(0xf4, 0x1_0000 + 32 * slot, 0x1_0020 + 32 * slot);
      if (slot < 2047) expected.set(code, 0x1_0000 + 32 * slot);
    }
    expected.set(TEXT, 0x2_0000);
    expected.fill(0xf4, 0x2_0060, 0x3_0000);
    expected.set(RODATA, 0x3_0000);
    expected.set(DATA, 0x4_0000);
    expect(Buffer.compare(memory, expected)).toBe(0);
  });

  test.each([
    [0x1_0005, 60],
    [0x1_ffe0, 0x100],
    [0x2_0010, 8],
    [0x2_0058, 16],
    [0x2_fff0, 0x60],
    [0x4_0010, 0x40],
    [0xffff_fff0, 16],
  ])("fills the same bytes piece by piece: at 0x%x, %i bytes", (start, sizeBytes) => {
    const whole = memoryAt(0, 0x5_0000);
    const expected = new Uint8Array(sizeBytes);
    expected.set(whole.subarray(start, start + sizeBytes));
    expect(memoryAt(start, sizeBytes)).toEqual(expected);
  });
});
