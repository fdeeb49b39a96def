/** Program files whose answers by the original are known, by what is changed in a good file. */
import { type NexeReason, writeNexe } from "../../src/nacl/elf/index.ts";
import { changedNexe, type NexeChanges, type SegmentValues, withSegments } from "./crafted-nexe.ts";
import { goldenText } from "./golden-nexe.ts";

export const RODATA = new Uint8Array(0x30).fill(0x61);
export const U64_MAX = 2n ** 64n - 1n;

/** Exits with 42. Segments: 0 is the text, 1 the read-only data; there is no data. */
export const BASE = writeNexe({ text: goldenText(), rodata: RODATA });
export const BSS: SegmentValues = { type: 1, flags: 6, vaddr: 0x4_0000, filesz: 0, memsz: 0x100 };
export const STACK: SegmentValues = { type: 0x6474_e551, flags: 6, memsz: 0 };

/** Changes of a file: fields of it, further segments, or anything else. */
export interface Mutation extends NexeChanges {
  readonly added?: readonly SegmentValues[];
  readonly sizeBytes?: number;
  readonly base?: Uint8Array;
}

export function mutated(mutation: Mutation, standard = BASE): Uint8Array {
  const { added = [], sizeBytes, base = standard, ...changes } = mutation;
  const bytes = changedNexe(added.length > 0 ? withSegments(base, added) : base, changes);
  return bytes.subarray(0, sizeBytes ?? bytes.length);
}

/** What is done, the exit code of the original, and the reason for which it is refused. */
export type Row = readonly [name: string, mutation: Mutation, code: number, reason?: NexeReason];

export const text = (values: SegmentValues): Mutation => ({ segments: { 0: values } });
export const rodata = (values: SegmentValues): Mutation => ({ segments: { 1: values } });

/** Mutations whose exit codes were seen of the original; 0 is a program that it started. */
export const GOLDEN: readonly Row[] = [
  ["nothing", {}, 0],
  ["an empty file", { sizeBytes: 0 }, 5, "file-too-short"],
  ["63 bytes", { sizeBytes: 63 }, 5, "file-too-short"],
  ["only the header", { sizeBytes: 64 }, 5, "headers-outside-file"],
  ["cut inside the text", { sizeBytes: 0xd0 }, 8, "segment-cut-off"],
  ["cut inside the rodata", { sizeBytes: BASE.length - 0x30 }, 8, "segment-cut-off"],
  ["bad magic", { file: { magic: 0x464c_457e } }, 8, "elf-magic"],
  ["class 32", { file: { class: 1 } }, 8, "elf-class"],
  ["big-endian mark", { file: { order: 2 } }, 0],
  ["OSABI 123 and flags", { file: { abi: 123, flags: 0x20_0000 } }, 0],
  ["type DYN", { file: { type: 3 } }, 8, "elf-type"],
  ["type REL", { file: { type: 1 } }, 8, "elf-type"],
  ["machine 3", { file: { machine: 3 } }, 8, "elf-machine"],
  ["version 2", { file: { version: 2 } }, 8, "elf-version"],
  ["entry 0x20010", { file: { entry: 0x2_0010 } }, 8, "entry-unaligned"],
  ["entry 0x20060", { file: { entry: 0x2_0060 } }, 8, "entry-behind-text"],
  ["entry 0x30000", { file: { entry: 0x3_0000 } }, 8, "entry-behind-text"],
  ["entry 0x10000, which faults later", { file: { entry: 0x1_0000 } }, 0],
  ["entry 0", { file: { entry: 0 } }, 14, "entry-zero"],
  ["phoff past the end", { file: { phoff: 0x1_0000 } }, 5, "headers-outside-file"],
  ["phnum 129", { file: { phnum: 129 } }, 8, "too-many-headers"],
  ["phnum 128", { file: { phnum: 128 } }, 5, "headers-outside-file"],
  ["phnum 0", { file: { phnum: 0 } }, 8, "text-missing"],
  [
    "phnum 1, with other headers before the text",
    { file: { phnum: 1 }, segments: { 0: { type: 6, flags: 4 }, 1: { flags: 5 } } },
    8,
    "text-missing",
  ],
  ["phentsize 55", { file: { phentsize: 55 } }, 8, "header-entry-size"],
  ["phentsize 64, read as 56", { file: { phentsize: 64 } }, 0],
  ["text at 0x30000", text({ vaddr: 0x3_0000 }), 8, "text-address"],
  ["text at 0x20020", text({ vaddr: 0x2_0020 }), 8, "text-address"],
  ["text of 0x61 bytes in 0x60", text({ filesz: 0x61 }), 8, "file-above-memory"],
  ["text memory up to 4 GiB", text({ memsz: 0xfffe_0000 }), 8, "segment-too-high"],
  ["text memory of all ones", text({ memsz: U64_MAX }), 8, "segment-wraps"],
  ["text without memory", text({ memsz: 0 }), 8, "text-missing"],
  ["text past the end of the file", text({ offset: 0x1_0000 }), 8, "segment-outside-file"],
  ["rodata at 0x30020", rodata({ vaddr: 0x3_0020 }), 8, "rodata-unaligned"],
  ["rodata at 0x20000", rodata({ vaddr: 0x2_0000 }), 8, "text-over-next"],
  ["rodata at 0x10000", rodata({ vaddr: 0x1_0000 }), 8, "segment-too-low"],
  ["rodata as RX", rodata({ flags: 5 }), 8, "segment-repeated"],
  ["rodata as W", rodata({ flags: 2 }), 8, "segment-kind"],
  ["rodata as RW", rodata({ flags: 6 }), 0],
  ["rodata of type NOTE", rodata({ type: 4 }), 0],
  ["rodata of type SHLIB", rodata({ type: 5 }), 8, "segment-kind"],
  ["rodata of type 0x60000001", rodata({ type: 0x6000_0001 }), 8, "segment-kind"],
  ["bss at 0x40000", { added: [BSS] }, 0],
  ["bss at 0x40010", { added: [{ ...BSS, vaddr: 0x4_0010 }] }, 8, "data-unaligned"],
  ["bss over the rodata", { added: [{ ...BSS, vaddr: 0x3_0000 }] }, 8, "rodata-over-data"],
  [
    "rodata above the data",
    { added: [BSS], segments: { 1: { vaddr: 0x5_0000 } } },
    8,
    "data-not-last",
  ],
  [
    "bss beyond the stack",
    { added: [{ ...BSS, memsz: 0xff00_0000 - 0x3_ffff }] },
    14,
    "data-over-stack",
  ],
  [
    "bss close to the stack",
    { added: [{ ...BSS, memsz: 0xff00_0000 - 0x4_0000 }] },
    12,
    "heap-too-small",
  ],
  ["empty executable stack", { added: [{ ...STACK, flags: 7 }] }, 0],
  ["executable stack of 8 bytes", { added: [{ ...STACK, flags: 7, memsz: 8 }] }, 8, "segment-kind"],
  ["a stack of 8 bytes", { added: [{ ...STACK, memsz: 8 }] }, 0],
  ["INTERP", { added: [{ type: 3, flags: 4, memsz: 8 }] }, 0],
  [
    "text that ends 16 bytes before the rodata",
    {
      base: writeNexe({ text: new Uint8Array(0xfff0), rodata: RODATA }),
      segments: { 0: { filesz: 0xfff0 }, 1: { vaddr: 0x3_0000 } },
    },
    14,
    "no-halt-gap",
  ],
];
