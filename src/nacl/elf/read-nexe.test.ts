import { describe, expect, test } from "vitest";
import type { SegmentValues } from "../../../test/support/crafted-nexe.ts";
import {
  BASE,
  BSS,
  GOLDEN,
  type Mutation,
  mutated,
  RODATA,
  type Row,
  rodata,
  STACK,
  text,
  U64_MAX,
} from "../../../test/support/elf-mutations.ts";
import { goldenText } from "../../../test/support/golden-nexe.ts";
import { layout } from "./layout.ts";
import type { NexePolicy } from "./nexe.ts";
import { NEXE_REASONS, type NexeReason, NexeRefused } from "./nexe-refused.ts";
import { readNexe } from "./read-nexe.ts";
import { writeNexe } from "./write-nexe.ts";

const TEXT = goldenText();
const MEMORY = 33_554_432;
/** The good file of class 32. */
const BASE_32 = writeNexe({ text: TEXT, rodata: RODATA, elfClass: 32 });

/** The reason why the file cannot run, or undefined. */
function refusalOf(
  bytes: Uint8Array,
  policy: NexePolicy = "zerovm",
  memoryBytes = MEMORY,
): NexeRefused | undefined {
  try {
    layout(readNexe(bytes, policy), memoryBytes);
    return undefined;
  } catch (error) {
    if (error instanceof NexeRefused) return error;
    throw error;
  }
}

/** What the list above has not: further edges, and numbers of 64 bits that lie. */
const FURTHER: readonly Row[] = [
  ["phoff at the end", { file: { phoff: BASE.length } }, 5, "headers-outside-file"],
  ["phoff of all ones", { file: { phoff: U64_MAX } }, 5, "headers-outside-file"],
  ["phoff that wraps", { file: { phoff: U64_MAX - 55n } }, 5, "headers-outside-file"],
  ["128 headers", { added: Array.from({ length: 126 }, () => STACK) }, 0],
  ["phnum 65535", { file: { phnum: 0xffff } }, 8, "too-many-headers"],
  ["phentsize 0", { file: { phentsize: 0 } }, 8, "header-entry-size"],
  ["entry of all ones", { file: { entry: U64_MAX - 31n } }, 8, "entry-behind-text"],
  ["entry 2^32 + text", { file: { entry: 0x1_0002_0000 } }, 8, "entry-behind-text"],
  ["entry in the last bundle", { file: { entry: 0x2_0040 } }, 0],
  ["text at 2^32 + 0x20000", text({ vaddr: 0x1_0002_0000 }), 8, "text-address"],
  ["text memory below 4 GiB", text({ memsz: 0xfffd_ffff }), 0],
  ["text memory above the file", text({ memsz: 0x10_0000 }), 0],
  ["file size of all ones", text({ filesz: U64_MAX }), 8, "file-above-memory"],
  ["offset of all ones", text({ offset: U64_MAX }), 8, "segment-outside-file"],
  ["offset at the end", text({ offset: BASE.length }), 8, "segment-cut-off"],
  ["one byte too few", text({ offset: BASE.length - 0x5f }), 8, "segment-cut-off"],
  ["just enough bytes", text({ offset: BASE.length - 0x60 }), 0],
  ["rodata that wraps", rodata({ vaddr: U64_MAX - 0xffffn, memsz: 0x1_0000 }), 8, "segment-wraps"],
  ["rodata high in 64 bits", rodata({ vaddr: 2n ** 63n }), 8, "segment-too-high"],
  ["rodata above 4 GiB", rodata({ vaddr: 0x1_0003_0000 }), 8, "segment-too-high"],
  ["lies in a segment without memory", rodata({ memsz: 0, filesz: U64_MAX, type: 77 }), 0],
  [
    "lies in a segment that is ignored",
    { added: [{ type: 7, flags: 4, offset: U64_MAX, vaddr: U64_MAX, memsz: U64_MAX }] },
    0,
  ],
  ["DYNAMIC R", { added: [{ type: 2, flags: 4, memsz: 8 }] }, 0],
  ["DYNAMIC RW", { added: [{ type: 2, flags: 6, memsz: 8 }] }, 8, "segment-kind"],
  ["two of a kind", { added: [BSS, { ...BSS, vaddr: 0x5_0000 }] }, 8, "segment-repeated"],
  ["bss of 3 GiB", { added: [{ ...BSS, memsz: 3 * 2 ** 30 }] }, 12, "heap-too-small"],
  ["a header size of 0", { file: { ehsize: 0 } }, 0],
  [
    "phoff at the end, and no headers",
    { file: { phoff: BASE.length, phnum: 0 } },
    5,
    "headers-outside-file",
  ],
  [
    "data inside of the text",
    { added: [{ ...BSS, vaddr: 0x2_0000, memsz: 1 }], segments: { 1: { memsz: 0 } } },
    8,
    "data-not-last",
  ],
  ["rodata up to the data", { added: [BSS], segments: { 1: { memsz: 0x1_0000 } } }, 0],
  [
    "rodata one byte into the data",
    { added: [BSS], segments: { 1: { memsz: 0x1_0001 } } },
    8,
    "rodata-over-data",
  ],
  ["rodata in the last page of the text", rodata({ vaddr: 0x2_0080 }), 8, "text-over-next"],
  ["bss with an offset that lies", { added: [{ ...BSS, offset: U64_MAX }] }, 0],
  ...[6, 2, 3, 4, 7, 0x6474_e550, 0x6474_e552, 0].map(
    (type): Row => [`type ${type} R is ignored`, { added: [{ type, flags: 4, memsz: 8 }] }, 0],
  ),
  ...[1, 6, 2, 3, 4, 7, 0x6474_e550, 0x6474_e552, 0].map(
    (type): Row => [
      `type ${type} RWX`,
      { added: [{ type, flags: 7, memsz: 8 }] },
      8,
      "segment-kind",
    ],
  ),
];

const named = (rows: readonly Row[]) => rows.map((row) => ({ name: row[0], row }));

function check([, mutation, code, reason]: Row, policy: NexePolicy = "zerovm"): void {
  const bytes = mutated(mutation, policy === "nacl" ? BASE_32 : BASE);
  const before = bytes.slice();
  const refused = refusalOf(bytes, policy);
  expect([refused?.reason, refused?.classicCode ?? 0]).toEqual([reason, code]);
  expect(Buffer.compare(bytes, before)).toBe(0);
  if (refused === undefined) return;
  expect(refused.code).toBe("ZVM_PROGRAM_REFUSED");
  const [found] = refused.diagnostics;
  expect(refused.message).toContain(found?.message);
  expect(found?.expected).not.toBe("");
}

/** Files of current Native Client; the base is of class 32 unless given. */
const NACL: readonly Row[] = [
  ["nothing", {}, 0],
  ["class 64", { base: BASE }, 0],
  ["51 bytes", { sizeBytes: 51 }, 5, "file-too-short"],
  ["63 bytes of class 64", { base: BASE, sizeBytes: 63 }, 5, "file-too-short"],
  ["class 3", { file: { class: 3 } }, 8, "elf-class"],
  ["magic before everything", { file: { magic: 0, phnum: 129 } }, 8, "elf-magic"],
  ["big-endian mark", { file: { order: 2 } }, 8, "elf-byte-order"],
  ["machine 3", { file: { machine: 3 } }, 8, "elf-machine"],
  ["a header size of 64 in class 32", { file: { ehsize: 64 } }, 8, "elf-header-size"],
  ["a header size of 52 in class 64", { base: BASE, file: { ehsize: 52 } }, 8, "elf-header-size"],
  ["phentsize 56 in class 32", { file: { phentsize: 56 } }, 8, "header-entry-size"],
  ["an entry above 32 bits", { base: BASE, file: { entry: 2 ** 32 } }, 8, "above-32-bits"],
  ["sections above 32 bits", { base: BASE, file: { shoff: 2 ** 32 } }, 8, "above-32-bits"],
  [
    "alignment above 32 bits",
    { base: BASE, segments: { 1: { align: 2 ** 32 } } },
    8,
    "above-32-bits",
  ],
  ["headers above 32 bits", { base: BASE, file: { phoff: 2 ** 32 } }, 8, "above-32-bits"],
  ...(["offset", "vaddr", "paddr", "filesz", "memsz"] as const).map(
    (field): Row => [
      `${field} above 32 bits`,
      { base: BASE, segments: { 0: { [field]: 2 ** 32 } } },
      8,
      "above-32-bits",
    ],
  ),
  ["a wrap in 32 bits", rodata({ vaddr: 0xffff_0000, memsz: 0x1_0000 }), 8, "segment-wraps"],
  ["DYNAMIC RW", { added: [{ type: 2, flags: 6, memsz: 8 }] }, 0],
  ["text at 0x30000", text({ vaddr: 0x3_0000 }), 8, "text-address"],
  ["bss at 0x40000", { added: [BSS] }, 0],
];

describe("readNexe()", () => {
  test.each(named(GOLDEN))("answers as the original: $name", ({ row }) => check(row));
  test.each(named(FURTHER))("zerovm: $name", ({ row }) => check(row));
  test.each(named(NACL))("nacl: $name", ({ row }) => check(row, "nacl"));

  test("every reason has a row", () => {
    const rows = [...GOLDEN, ...FURTHER, ...NACL];
    const found = new Set<NexeReason | undefined>(rows.map(([, , , reason]) => reason));
    found.add("memory-size");
    expect(Object.keys(NEXE_REASONS).filter((name) => !found.has(name as NexeReason))).toEqual([]);
  });

  test("zerovm takes no class 32, and says so where the original finds another fault first", () => {
    const refused = refusalOf(BASE_32);
    expect(refused?.reason).toBe("header-entry-size");
    expect(refused?.diagnostics[0]?.hint).toContain("32 bits");
  });

  test("a text file is told by its count of headers, as the original did", () => {
    const prose = new TextEncoder().encode(
      "This is no program, but a few words of text. ".repeat(4),
    );
    expect(refusalOf(prose)).toMatchObject({ reason: "too-many-headers", classicCode: 8 });
    expect(refusalOf(prose, "nacl")?.reason).toBe("elf-magic");
  });
});

describe("a refusal", () => {
  test.each<readonly [Mutation, string]>([
    [{ file: { machine: 3 } }, "bad machine: 3"],
    [{ file: { version: 0x1f } }, "bad elf version: 1f"],
    [rodata({ type: 5 }), "Segment 1 is of unexpected type 0x5, flag 0x4"],
    [rodata({ flags: 5, vaddr: 0x2_0000 }), "Segment 1 is a type that has been seen"],
    [text({ offset: 0x1_0000 }), "seek failure segment 0"],
    [{ sizeBytes: BASE.length - 0x30 }, "load failure segment 1"],
    [
      {
        segments: {
          0: { flags: 4, vaddr: 0x3_0000, offset: 0x1_0000 },
          1: { flags: 5, vaddr: 0x2_0000, offset: 0x1_0000 },
        },
        file: { entry: 0x2_0000 },
      },
      "seek failure segment 0",
    ],
    [{ sizeBytes: 63 }, "check failed"],
  ])("has the state of the original: %o", (mutation, state) => {
    expect(refusalOf(mutated(mutation))?.classicState).toBe(state);
  });

  test("names the field, its value, what is right, and where", () => {
    const refused = refusalOf(mutated(rodata({ vaddr: 0x3_0020 })));
    expect(refused?.message).toBe(
      "Cannot read the nexe: segment 1: p_vaddr is 0x30020 at offset 0x88, not a multiple of 0x10000",
    );
    expect(refused?.diagnostics).toEqual([
      {
        severity: "error",
        message: "segment 1: p_vaddr is 0x30020",
        expected: "a multiple of 0x10000",
        offset: 0x88,
      },
    ]);
  });

  test("of a header that lies in two ways names what the original found first", () => {
    expect(refusalOf(mutated({ file: { machine: 3, phentsize: 1 } }))?.reason).toBe(
      "header-entry-size",
    );
    expect(refusalOf(mutated({ file: { entry: 1 }, segments: { 1: { vaddr: 1 } } }))?.reason).toBe(
      "segment-too-low",
    );
    expect(
      refusalOf(mutated({ file: { entry: 1 }, segments: { 0: { offset: U64_MAX } } }))?.reason,
    ).toBe("entry-unaligned");
  });
});

describe("what is read", () => {
  test("is what was written", () => {
    const data = new Uint8Array(0x20).fill(7);
    const bytes = writeNexe({ text: TEXT, rodata: RODATA, data, bssBytes: 0x240, entry: 0x2_0040 });
    const nexe = readNexe(bytes, "zerovm");
    expect(nexe).toEqual({
      policy: "zerovm",
      elfClass: 64,
      entry: 0x2_0040,
      text: {
        address: 0x2_0000,
        fileOffset: 0x100,
        fileBytes: 0x60,
        memoryBytes: 0x60,
        access: "rx",
      },
      rodata: {
        address: 0x3_0000,
        fileOffset: 0x160,
        fileBytes: 0x30,
        memoryBytes: 0x30,
        access: "r",
      },
      data: {
        address: 0x4_0000,
        fileOffset: 0x1a0,
        fileBytes: 0x20,
        memoryBytes: 0x260,
        access: "rw",
      },
      bss: { start: 0x4_0020, end: 0x4_0260 },
      paddedTextEnd: 0x3_0000,
      heapStart: 0x4_0260,
    });
    expect(Object.isFrozen(nexe)).toBe(true);
    expect(Object.isFrozen(nexe.text)).toBe(true);
  });

  test("is the same of a file that lies inside of another buffer", () => {
    const around = new Uint8Array(BASE.length + 100).fill(0xff);
    around.set(BASE, 37);
    const inside = around.subarray(37, 37 + BASE.length);
    expect(readNexe(inside, "zerovm")).toEqual(readNexe(BASE, "zerovm"));
  });

  test("counts only what the file gives as text", () => {
    const nexe = readNexe(mutated(text({ memsz: 0x10_0000 })), "zerovm");
    expect(nexe.text.memoryBytes).toBe(0x60);
    expect(nexe.paddedTextEnd).toBe(0x3_0000);
  });

  test("tells of thread-local storage only where it lies within the data", () => {
    const tls = { type: 7, flags: 4, vaddr: 0x4_0010, filesz: 0, memsz: 0x20 };
    const tlsOf = (values: SegmentValues) =>
      readNexe(mutated({ added: [BSS, { ...tls, ...values }] }), "zerovm").tls;
    expect(tlsOf({})).toEqual({ start: 0x4_0010, end: 0x4_0030, fileBytes: 0 });
    expect(tlsOf({ memsz: 0xf0 })).toEqual({ start: 0x4_0010, end: 0x4_0100, fileBytes: 0 });
    expect(tlsOf({ memsz: 0xf1 })).toBeUndefined();
    expect(tlsOf({ vaddr: 0x2_0000 })).toBeUndefined();
    expect(tlsOf({ filesz: U64_MAX })).toBeUndefined();
  });
});
