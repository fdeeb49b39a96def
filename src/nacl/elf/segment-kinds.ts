import { GUEST_BYTES, TEXT_START } from "./address-space.ts";
import type { NexePolicy } from "./nexe.ts";
import { hex, type NexeReason, NexeRefused } from "./nexe-refused.ts";
import type { ProgramHeader } from "./program-headers.ts";

/** `p_flags`: what the guest may do with a segment. */
export const SEGMENT_FLAG = { EXECUTE: 1, WRITE: 2, READ: 4 } as const;
/** `p_type`: the types of segments that a program may have. */
export const SEGMENT_TYPE = {
  NULL: 0,
  LOAD: 1,
  DYNAMIC: 2,
  INTERPRETER: 3,
  NOTE: 4,
  HEADERS: 6,
  TLS: 7,
  GNU_EXCEPTION_FRAMES: 0x6474_e550,
  GNU_STACK: 0x6474_e551,
  GNU_READ_ONLY: 0x6474_e552,
} as const;

/** What becomes of a segment. */
export type SegmentRole = "text" | "rodata" | "data" | "tls" | "ignored";

interface SegmentKind {
  readonly type: number;
  readonly flags: number;
  readonly role: SegmentRole;
  /** Set where only one policy knows it. */
  readonly policy?: NexePolicy;
}

const R = SEGMENT_FLAG.READ;
const RW = SEGMENT_FLAG.READ | SEGMENT_FLAG.WRITE;
const RX = SEGMENT_FLAG.READ | SEGMENT_FLAG.EXECUTE;

/** All segments that a program may have: type and flags exactly so, and each once at most. */
const SEGMENT_KINDS: readonly SegmentKind[] = [
  { type: SEGMENT_TYPE.LOAD, flags: RX, role: "text" },
  { type: SEGMENT_TYPE.LOAD, flags: R, role: "rodata" },
  { type: SEGMENT_TYPE.LOAD, flags: RW, role: "data" },
  { type: SEGMENT_TYPE.TLS, flags: R, role: "tls" },
  { type: SEGMENT_TYPE.HEADERS, flags: R, role: "ignored" },
  { type: SEGMENT_TYPE.DYNAMIC, flags: R, role: "ignored" },
  { type: SEGMENT_TYPE.DYNAMIC, flags: RW, role: "ignored", policy: "nacl" },
  { type: SEGMENT_TYPE.INTERPRETER, flags: R, role: "ignored" },
  { type: SEGMENT_TYPE.NOTE, flags: R, role: "ignored" },
  { type: SEGMENT_TYPE.GNU_EXCEPTION_FRAMES, flags: R, role: "ignored" },
  { type: SEGMENT_TYPE.GNU_READ_ONLY, flags: R, role: "ignored" },
  { type: SEGMENT_TYPE.NULL, flags: R, role: "ignored" },
  { type: SEGMENT_TYPE.GNU_STACK, flags: RW, role: "ignored" },
];

/** The headers that matter, by what becomes of them. */
export type SegmentsByRole = Readonly<Partial<Record<SegmentRole, ProgramHeader>>>;

/**
 * Gives each segment its role, and judges those that are loaded, one header after the other.
 * Segments without memory mean nothing, whatever else they say.
 * @throws NexeRefused
 */
export function sortSegments(
  headers: readonly ProgramHeader[],
  policy: NexePolicy,
): SegmentsByRole {
  const kinds = SEGMENT_KINDS.filter((kind) => kind.policy === undefined || kind.policy === policy);
  const seen = new Set<SegmentKind>();
  const found: Partial<Record<SegmentRole, ProgramHeader>> = {};
  for (const header of headers) {
    if (header.memorySize === 0n) continue;
    const kind = kinds.find(({ type, flags }) => type === header.type && flags === header.flags);
    if (kind === undefined) throw unexpectedKind(header);
    if (seen.has(kind)) throw repeated(header, kind);
    seen.add(kind);
    if (kind.type === SEGMENT_TYPE.LOAD) judgeLoaded(header, kind.role);
    found[kind.role] = header;
  }
  return found;
}

function unexpectedKind(header: ProgramHeader): NexeRefused {
  const { segment, start, type, flags } = header;
  return new NexeRefused({
    reason: "segment-kind",
    found: `p_type is ${hex(type)} and p_flags is ${hex(flags)}`,
    expected:
      type === SEGMENT_TYPE.LOAD
        ? `p_flags ${RX} (text), ${R} (read-only data) or ${RW} (data)`
        : "a type that a program may have, with p_flags as it needs them",
    offset: start,
    segment,
    value: `${hex(type)}, flag ${hex(flags)}`,
  });
}

function repeated(header: ProgramHeader, kind: SegmentKind): NexeRefused {
  return new NexeRefused({
    reason: "segment-repeated",
    found: `p_type ${hex(kind.type)} with p_flags ${kind.flags} comes a second time`,
    expected: "one segment of each kind",
    offset: header.start,
    segment: header.segment,
  });
}

/** Judges where a loaded segment lies in memory; 64 bits of the file are compared as they are. */
function judgeLoaded(header: ProgramHeader, role: SegmentRole): void {
  const { address, fileSize, memorySize, form } = header;
  const start = BigInt(TEXT_START);
  const end = address + memorySize;
  if (role === "text" && address !== start) {
    fail(header, "text-address", "address", `${hex(start)}, where all text begins`);
  }
  if (address < start) fail(header, "segment-too-low", "address", `at least ${hex(start)}`);
  if (end >= 2n ** BigInt(form.elfClass)) {
    fail(header, "segment-wraps", "memorySize", `a size that ends within ${form.elfClass} bits`);
  }
  if (end >= BigInt(GUEST_BYTES)) {
    fail(header, "segment-too-high", "memorySize", "a size that ends below 4 GiB", end);
  }
  if (fileSize > memorySize) {
    fail(header, "file-above-memory", "fileSize", `at most p_memsz, ${hex(memorySize)}`);
  }
}

const FIELD_NAMES = {
  offset: "p_offset",
  address: "p_vaddr",
  fileSize: "p_filesz",
  memorySize: "p_memsz",
} as const;

/**
 * Refuses a program because of one number of a segment; `stated` is what the original showed.
 * @throws NexeRefused always.
 */
export function fail(
  header: ProgramHeader,
  reason: NexeReason,
  field: keyof typeof FIELD_NAMES,
  expected: string,
  stated: bigint = header[field],
): never {
  throw new NexeRefused({
    reason,
    found: `${FIELD_NAMES[field]} is ${hex(header[field])}`,
    expected,
    offset: header.start + header.form.segment[field],
    segment: header.segment,
    value: hex(stated),
  });
}
