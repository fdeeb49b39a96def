import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  changedNexe,
  type NexeChanges,
  type SegmentValues,
  withSegments,
} from "../../../test/support/crafted-nexe.ts";
import { layout } from "./layout.ts";
import type { Nexe, NexePolicy } from "./nexe.ts";
import { NexeRefused } from "./nexe-refused.ts";
import { readNexe } from "./read-nexe.ts";
import { writeNexe } from "./write-nexe.ts";

const SECTIONS = {
  text: new Uint8Array(0x60).fill(0x90),
  rodata: new Uint8Array(0x30).fill(1),
  data: new Uint8Array(0x20).fill(2),
  bssBytes: 0x100,
};
const FILES = [
  writeNexe(SECTIONS),
  writeNexe({ ...SECTIONS, elfClass: 32 }),
  withSegments(writeNexe(SECTIONS), [
    { type: 0x6474_e551, flags: 6 },
    { type: 7, flags: 4, vaddr: 0x4_0000, filesz: 8, memsz: 16 },
  ]),
];

/** The program, or undefined when the file was refused in order. */
function tryRead(bytes: Uint8Array, policy: NexePolicy): Nexe | undefined {
  try {
    return readNexe(bytes, policy);
  } catch (error) {
    if (!(error instanceof NexeRefused)) throw error;
    const [found] = error.diagnostics;
    holds(!/[#@]|undefined/.test(error.classicState), error.classicState);
    holds(found?.expected !== "", error.message);
    holds((found?.offset ?? 0) < Math.max(1, bytes.length), error.message);
    return undefined;
  }
}

/** Thousands of files are judged: a plain comparison is a hundred times faster than `expect`. */
function holds(condition: boolean, what: string): void {
  if (!condition) expect.fail(what);
}

/** Reads with both policies; what passes lies in the file and in memory, and nothing overlaps. */
function survives(bytes: Uint8Array): number {
  let passed = 0;
  for (const policy of ["zerovm", "nacl"] as const) {
    const nexe = tryRead(bytes, policy);
    if (nexe === undefined) continue;
    passed += 1;
    checkNexe(nexe, bytes.length);
    checkLayout(nexe);
  }
  return passed;
}

function checkNexe(nexe: Nexe, fileBytes: number): void {
  let end = 0x2_0000;
  for (const part of [nexe.text, nexe.rodata, nexe.data]) {
    if (part === undefined) continue;
    holds(part.fileBytes <= part.memoryBytes, "memory holds what the file gives");
    holds(part.fileOffset + part.fileBytes <= fileBytes, "segments lie in the file");
    holds(part.address % 0x1_0000 === 0, "segments begin on a page");
    holds(part.address >= end, "segments do not overlap");
    end = part === nexe.text ? nexe.paddedTextEnd : part.address + part.memoryBytes;
  }
  const textEnd = nexe.text.address + nexe.text.fileBytes;
  holds(end <= nexe.heapStart, "the heap comes last");
  holds(nexe.heapStart <= 0xff00_0000, "the program ends before the stack");
  holds(nexe.entry % 32 === 0 && nexe.entry < textEnd, "the entry is the start of a bundle");
  holds(nexe.paddedTextEnd - textEnd >= 32, "a bundle of HLT follows the text");
}

function checkLayout(nexe: Nexe): void {
  let guest: ReturnType<typeof layout>;
  try {
    guest = layout(nexe, 2 ** 32);
  } catch (error) {
    holds(error instanceof NexeRefused && error.reason === "heap-too-small", String(error));
    return;
  }
  let end = 0;
  for (const region of guest.regions) {
    holds(region.start === end && region.end > region.start, "regions follow each other");
    end = region.end;
  }
  holds(end === 2 ** 32, "regions fill the address space");
  for (const part of guest.contents) {
    const holder = guest.regions.find(({ start, end }) => start <= part.start && part.start < end);
    holds(holder !== undefined && part.end <= holder.end, "contents lie in one region");
    holds(holder?.access !== "none", "contents can be read");
  }
}

/** Numbers that are right, nearly right, at an edge, or just large. */
const number = fc.oneof(
  fc.constantFrom(0n, 1n, 4n, 5n, 6n, 7n, 8n, 0x20n, 0x60n, 64n, 128n, 129n),
  fc.constantFrom(0x1_0000n, 0x2_0000n, 0x3_0000n, 0x4_0000n, 0x5_0000n, 0x9_0000n),
  fc.constantFrom(2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 0xff00_0000n, 0xfff0_0000n),
  fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n - 0x1_0000n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: 0x200n }),
);
const near = fc.tuple(number, fc.constantFrom(0n, 0n, 0n, 1n, -1n, 0x20n, -0x20n, 0xfff0n));
const value = near.map(([middle, step]) => BigInt.asUintN(64, middle + step));

const FILE_FIELDS = ["type", "entry", "phoff", "phentsize", "phnum", "class", "ehsize"] as const;
const SEGMENT_FIELDS = [
  "type",
  "flags",
  "offset",
  "vaddr",
  "paddr",
  "filesz",
  "memsz",
  "align",
] as const;

const segmentValues: fc.Arbitrary<SegmentValues> = fc
  .array(fc.tuple(fc.constantFrom(...SEGMENT_FIELDS), value), { minLength: 1, maxLength: 2 })
  .map(Object.fromEntries);
const changes: fc.Arbitrary<NexeChanges> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...FILE_FIELDS), value)
    .map(([field, given]) => ({ file: { [field]: given } })),
  fc.tuple(fc.nat(2), segmentValues).map(([index, given]) => ({ segments: { [index]: given } })),
);

describe("readNexe() under fuzz", () => {
  test("random bytes never throw anything but a refusal", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        survives(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  test("files cut at any place are refused or whole", () => {
    for (const file of FILES) {
      for (let size = 0; size < file.length; size++) survives(file.subarray(0, size));
    }
  });

  test("lies in the fields are refused, or do no harm", () => {
    let passed = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...FILES),
        fc.array(changes, { minLength: 1, maxLength: 3 }),
        (file, steps) => {
          passed += survives(steps.reduce(changedNexe, file));
        },
      ),
      { numRuns: 3000 },
    );
    expect(passed).toBeGreaterThan(300);
  });

  test("any bytes in the headers are refused, or do no harm", () => {
    let passed = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...FILES),
        fc.array(fc.tuple(fc.nat(0xff), fc.nat(0xff)), { minLength: 1, maxLength: 3 }),
        (file, bytes) => {
          const changed = file.slice();
          for (const [at, byte] of bytes) changed[at] = byte;
          passed += survives(changed);
        },
      ),
      { numRuns: 2000 },
    );
    expect(passed).toBeGreaterThan(300);
  });

  test("as many headers as are allowed, all lying, are read once each", () => {
    const added = Array.from({ length: 125 }, (_, index) => ({
      type: 0x6474_e551,
      flags: 7,
      offset: 2n ** 64n - 1n,
      filesz: 2n ** 64n - 1n,
      memsz: index === 124 ? 1 : 0,
    }));
    const file = withSegments(writeNexe(SECTIONS), added);
    expect(() => readNexe(file, "zerovm")).toThrow(
      expect.objectContaining({ reason: "segment-kind" }),
    );
    expect(() => readNexe(withSegments(file, added.slice(0, 1)), "zerovm")).toThrow(
      expect.objectContaining({ reason: "too-many-headers" }),
    );
  });
});
