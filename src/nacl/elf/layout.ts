import {
  GUEST_BYTES,
  type GuestRange,
  pageDown,
  pageUp,
  STACK_BYTES,
  STACK_START,
  TEXT_START,
  TRAMPOLINES_START,
} from "./address-space.ts";
import type { GuestAccess, Nexe, NexeSegment } from "./nexe.ts";
import { NexeRefused } from "./nexe-refused.ts";

/** The heap has to be larger than this, counted from the page behind the data. */
const HEAP_BYTES_MIN = 8 * 2 ** 20;

/** Bytes that the user manifest takes at least: the word that points to it. */
const MANIFEST_BYTES_MIN = 4;

/** What a region is for: `gap` lies unused between sections, `hole` between heap and manifest. */
export type RegionName =
  | "null"
  | "trampolines"
  | "text"
  | "gap"
  | "rodata"
  | "data"
  | "heap"
  | "hole"
  | "manifest"
  | "stack";

/** A part of the address space in which everything has the same permissions. */
export interface GuestRegion extends GuestRange {
  readonly name: RegionName;
  readonly access: GuestAccess;
}

/** What memory holds before the program starts; everything else is zero. */
export interface GuestContents extends GuestRange {
  readonly kind: "trampolines" | "file" | "halt";
  /** Where the bytes lie in the program file; 0 for the other kinds. */
  readonly fileOffset: number;
}

/** Where everything lies in the address space of one session. */
export interface GuestLayout {
  readonly entry: number;
  /** From the end of the data, which is no multiple of a page, to the user manifest at most. */
  readonly heap: GuestRange;
  readonly manifest: GuestRange;
  readonly stack: GuestRange;
  /** All 4 GiB in ascending order, without overlaps and without gaps between. */
  readonly regions: readonly GuestRegion[];
  /** In ascending order; the user manifest and the stack at entry come on top. */
  readonly contents: readonly GuestContents[];
  /**
   * What the `Memory` etag covers, in its order. Without a data segment the heap is not in it: the
   * original forgot the heap's rights then, and the digest shows it.
   */
  readonly hashed: readonly GuestRange[];
}

/**
 * Lays a program out in the guest's 4 GiB. A value only: nothing is loaded or allocated.
 * @param memoryBytes the manifest's `Memory`: what lies below the heap's end, and the stack.
 * @param manifestBytes what `userManifestBytes` says of the session's channels.
 * @throws NexeRefused where the memory has no allowed size or is too small for this program.
 */
export function layout(nexe: Nexe, memoryBytes: number, manifestBytes = 0): GuestLayout {
  const manifest = manifestRange(manifestBytes);
  const heap = heapRange(nexe, memoryBytes, manifest.start);
  const stack = Object.freeze({ start: STACK_START, end: GUEST_BYTES });
  return Object.freeze({
    entry: nexe.entry,
    heap,
    manifest,
    stack,
    regions: Object.freeze(regionsOf(nexe, heap, manifest)),
    contents: Object.freeze(contentsOf(nexe)),
    hashed: Object.freeze(hashedOf(nexe, heap, manifest, stack)),
  });
}

function manifestRange(manifestBytes: number): GuestRange {
  const bytes = Math.max(manifestBytes, MANIFEST_BYTES_MIN);
  return Object.freeze({ start: pageDown(STACK_START - bytes), end: STACK_START });
}

function heapRange(nexe: Nexe, memoryBytes: number, manifestStart: number): GuestRange {
  if (!(Number.isInteger(memoryBytes) && memoryBytes > 0 && memoryBytes <= GUEST_BYTES)) {
    throw new NexeRefused({
      reason: "memory-size",
      found: `the memory is ${memoryBytes} bytes`,
      expected: `a number from 1 to ${GUEST_BYTES}`,
    });
  }
  const granted = pageUp(memoryBytes - STACK_BYTES);
  const dataEnd = pageUp(nexe.heapStart);
  const end = Math.min(granted, manifestStart);
  if (granted - dataEnd > HEAP_BYTES_MIN && end >= dataEnd) {
    return Object.freeze({ start: nexe.heapStart, end });
  }
  const least = dataEnd + HEAP_BYTES_MIN + STACK_BYTES + 1;
  throw new NexeRefused({
    reason: "heap-too-small",
    found: `the memory of ${memoryBytes} bytes leaves ${Math.max(0, end - dataEnd)} for the heap`,
    expected: `a memory of at least ${least} bytes for this program`,
  });
}

function regionsOf(nexe: Nexe, heap: GuestRange, manifest: GuestRange): GuestRegion[] {
  const { rodata, data } = nexe;
  const parts: GuestRegion[] = [
    region("null", 0, TRAMPOLINES_START, "none"),
    region("trampolines", TRAMPOLINES_START, TEXT_START, "rx"),
    region("text", TEXT_START, nexe.paddedTextEnd, "rx"),
    ...(rodata === undefined ? [] : [region("rodata", ...pagesOf(rodata), "r")]),
    ...(data === undefined ? [] : [region("data", data.address, heap.start, "rw")]),
    region("heap", heap.start, heap.end, "rw"),
    region("manifest", manifest.start, manifest.end, "r"),
    region("stack", STACK_START, GUEST_BYTES, "rw"),
  ];
  return parts.flatMap((part, index) => {
    const end = parts[index - 1]?.end ?? 0;
    const name = part.name === "manifest" ? "hole" : "gap";
    return end === part.start ? [part] : [region(name, end, part.start, "none"), part];
  });
}

function region(name: RegionName, start: number, end: number, access: GuestAccess): GuestRegion {
  return Object.freeze({ name, start, end, access });
}

function pagesOf({ address, memoryBytes }: NexeSegment): [start: number, end: number] {
  return [address, pageUp(address + memoryBytes)];
}

function contentsOf(nexe: Nexe): GuestContents[] {
  const textEnd = TEXT_START + nexe.text.fileBytes;
  const parts: GuestContents[] = [
    { kind: "trampolines", start: TRAMPOLINES_START, end: TEXT_START, fileOffset: 0 },
    fileContents(nexe.text),
    { kind: "halt", start: textEnd, end: nexe.paddedTextEnd, fileOffset: 0 },
    ...[nexe.rodata, nexe.data].filter((part) => part !== undefined).map(fileContents),
  ];
  return parts.filter(({ start, end }) => start < end).map((part) => Object.freeze(part));
}

function fileContents({ address, fileBytes, fileOffset }: NexeSegment): GuestContents {
  return { kind: "file", start: address, end: address + fileBytes, fileOffset };
}

function hashedOf(
  nexe: Nexe,
  heap: GuestRange,
  manifest: GuestRange,
  stack: GuestRange,
): GuestRange[] {
  const { rodata, data } = nexe;
  const ranges: GuestRange[] = [{ start: TRAMPOLINES_START, end: nexe.paddedTextEnd }];
  if (rodata !== undefined) {
    const [start, end] = pagesOf(rodata);
    ranges.push({ start, end });
  }
  if (data !== undefined) ranges.push({ start: data.address, end: heap.end });
  return [...ranges, manifest, stack].map((range) => Object.freeze(range));
}
