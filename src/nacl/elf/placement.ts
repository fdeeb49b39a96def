import {
  BUNDLE_BYTES,
  HALT_BYTES_MIN,
  PAGE_BYTES,
  pageUp,
  STACK_START,
  TEXT_START,
} from "./address-space.ts";
import type { ElfHeader } from "./elf-header.ts";
import { hex, NexeRefused } from "./nexe-refused.ts";
import type { ProgramHeader } from "./program-headers.ts";
import { fail, type SegmentsByRole } from "./segment-kinds.ts";

/** The headers of the parts that are loaded, of which text there always is. */
export interface Loaded {
  readonly text: ProgramHeader;
  readonly rodata: ProgramHeader | undefined;
  readonly data: ProgramHeader | undefined;
}

/** Addresses that follow from where the parts lie. */
export interface Placement {
  /** End of what the file gives as text. */
  readonly textEnd: number;
  /** End of the text with its HLTs, of which there are 32 at least. */
  readonly paddedTextEnd: number;
  readonly heapStart: number;
}

/**
 * Judges how the loaded parts lie to each other, to the entry, to the stack and to the end of the
 * file, in the order of the original.
 * @throws NexeRefused
 */
export function judgePlacement(
  found: SegmentsByRole,
  header: ElfHeader,
  fileBytes: number,
): Loaded & Placement {
  const loaded = withText(found, header);
  // Only what the file gives counts as text, whatever `p_memsz` says.
  const textEnd = TEXT_START + Number(loaded.text.fileSize);
  judgeEntry(header, textEnd);
  judgeOrder(loaded, textEnd);
  const paddedTextEnd = pageUp(textEnd + HALT_BYTES_MIN);
  const heapStart = startOfHeap(loaded, paddedTextEnd);
  judgeStack(loaded, heapStart);
  judgeFileRanges(loaded, fileBytes);
  judgeHaltGap(loaded, paddedTextEnd);
  judgeStart(header);
  return { ...loaded, textEnd, paddedTextEnd, heapStart };
}

function withText({ text, rodata, data }: SegmentsByRole, header: ElfHeader): Loaded {
  if (text !== undefined) return { text, rodata, data };
  throw new NexeRefused({
    reason: "text-missing",
    found: `none of the ${header.headerCount} program headers is text`,
    expected: "a program with a segment of type 1 (load) and flags 5 (read, execute)",
    offset: header.form.file.headerCount,
  });
}

function judgeEntry({ form, entry }: ElfHeader, textEnd: number): void {
  const offset = form.file.entry;
  const found = `e_entry is ${hex(entry)}`;
  if (entry % BigInt(BUNDLE_BYTES) !== 0n) {
    const expected = `a multiple of ${BUNDLE_BYTES}`;
    throw new NexeRefused({ reason: "entry-unaligned", found, expected, offset });
  }
  if (entry >= BigInt(textEnd)) {
    const expected = `an address below the end of the text, ${hex(textEnd)}`;
    throw new NexeRefused({ reason: "entry-behind-text", found, expected, offset });
  }
}

/** Text, read-only data and data follow each other, each in pages of its own. */
function judgeOrder({ text, rodata, data }: Loaded, textEnd: number): void {
  const rodataEnd = rodata === undefined ? 0 : endOf(rodata);
  if (data !== undefined && endOf(data) < Math.max(textEnd, rodataEnd)) {
    const expected = `a segment that ends last, at ${hex(Math.max(textEnd, rodataEnd))} or behind`;
    fail(data, "data-not-last", "address", expected);
  }
  if (rodata !== undefined && data !== undefined && rodataEnd > Number(data.address)) {
    const expected = `a segment that ends before the data at ${hex(data.address)}`;
    fail(rodata, "rodata-over-data", "memorySize", expected);
  }
  const next = rodata ?? data;
  if (next !== undefined && pageUp(textEnd) > Number(next.address)) {
    const expected = `a text whose last page ends before the next segment at ${hex(next.address)}`;
    fail(text, "text-over-next", "fileSize", expected);
  }
  const aligned = `a multiple of ${hex(PAGE_BYTES)}`;
  if (rodata !== undefined && !isAligned(rodata)) {
    fail(rodata, "rodata-unaligned", "address", aligned);
  }
  if (data !== undefined && !isAligned(data)) fail(data, "data-unaligned", "address", aligned);
}

function endOf({ address, memorySize }: ProgramHeader): number {
  return Number(address + memorySize);
}

function isAligned({ address }: ProgramHeader): boolean {
  return address % BigInt(PAGE_BYTES) === 0n;
}

/** The heap goes on where the data ends; without data it gets pages of its own. */
function startOfHeap({ rodata, data }: Loaded, paddedTextEnd: number): number {
  if (data !== undefined) return endOf(data);
  return rodata === undefined ? paddedTextEnd : Math.max(paddedTextEnd, pageUp(endOf(rodata)));
}

function judgeStack({ text, rodata, data }: Loaded, heapStart: number): void {
  if (pageUp(heapStart) <= STACK_START) return;
  const expected = `a program that ends before the stack at ${hex(STACK_START)}`;
  fail(data ?? rodata ?? text, "data-over-stack", "memorySize", expected);
}

/** The file is looked at in the order of the headers, as the original loaded them. */
function judgeFileRanges({ text, rodata, data }: Loaded, fileBytes: number): void {
  const headers = [text, rodata, data].filter((header) => header !== undefined);
  headers.sort((one, other) => one.segment - other.segment);
  for (const header of headers) {
    if (header.fileSize > 0n) judgeFileRange(header, BigInt(fileBytes));
  }
}

function judgeFileRange(header: ProgramHeader, fileBytes: bigint): void {
  if (header.offset > fileBytes) {
    fail(header, "segment-outside-file", "offset", `an offset within ${fileBytes} bytes`);
  }
  if (header.offset + header.fileSize > fileBytes) {
    const remaining = fileBytes - header.offset;
    fail(header, "segment-cut-off", "fileSize", `at most the ${remaining} bytes that follow`);
  }
}

function judgeHaltGap({ text, rodata, data }: Loaded, paddedTextEnd: number): void {
  const next = rodata ?? data;
  if (next === undefined || paddedTextEnd <= Number(next.address)) return;
  const expected = `a text that leaves ${HALT_BYTES_MIN} bytes before ${hex(next.address)}`;
  fail(text, "no-halt-gap", "fileSize", expected);
}

/** The original loaded such a program, and ended when it was to start: 0 stood for no address. */
function judgeStart({ form, entry }: ElfHeader): void {
  if (entry !== 0n) return;
  throw new NexeRefused({
    reason: "entry-zero",
    found: "e_entry is 0x0",
    expected: `an address in the text, from ${hex(TEXT_START)} on`,
    offset: form.file.entry,
  });
}
