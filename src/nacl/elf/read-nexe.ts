import type { GuestRange } from "./address-space.ts";
import { readElfHeader } from "./elf-header.ts";
import type { GuestAccess, Nexe, NexePolicy, NexeSegment } from "./nexe.ts";
import { judgePlacement, type Loaded, type Placement } from "./placement.ts";
import { type ProgramHeader, readProgramHeaders } from "./program-headers.ts";
import { sortSegments } from "./segment-kinds.ts";

/**
 * Reads the structure of a program file once and judges all of it, in the order of the original.
 * Takes time for at most 128 headers and memory for a few numbers, whatever the file says. The
 * code is not looked at: that is the validator's part.
 * @throws NexeRefused for the first fault.
 */
export function readNexe(bytes: Uint8Array, policy: NexePolicy): Nexe {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readElfHeader(view, policy);
  const found = sortSegments(readProgramHeaders(view, header, policy), policy);
  const placed = judgePlacement(found, header, bytes.length);
  return Object.freeze({
    policy,
    elfClass: header.form.elfClass,
    entry: Number(header.entry),
    ...segmentsOf(placed),
    ...tlsOf(found.tls, placed),
    paddedTextEnd: placed.paddedTextEnd,
    heapStart: placed.heapStart,
  });
}

function segmentsOf({ text, rodata, data }: Loaded): Pick<Nexe, "text" | "rodata" | "data"> {
  return {
    text: segmentOf({ ...text, memorySize: text.fileSize }, "rx"),
    ...(rodata === undefined ? {} : { rodata: segmentOf(rodata, "r") }),
    ...(data === undefined ? {} : { data: segmentOf(data, "rw") }),
    ...bssOf(data),
  };
}

/** All numbers were judged: they fit into 32 bits. */
function segmentOf(header: ProgramHeader, access: GuestAccess): NexeSegment {
  return Object.freeze({
    address: Number(header.address),
    fileOffset: header.fileSize === 0n ? 0 : Number(header.offset),
    fileBytes: Number(header.fileSize),
    memoryBytes: Number(header.memorySize),
    access,
  });
}

function bssOf(data: ProgramHeader | undefined): Pick<Nexe, "bss"> {
  if (data === undefined || data.fileSize === data.memorySize) return {};
  const start = Number(data.address + data.fileSize);
  return { bss: Object.freeze({ start, end: Number(data.address + data.memorySize) }) };
}

/** The header was not judged: what does not lie within one of the segments is left out. */
function tlsOf(tls: ProgramHeader | undefined, placed: Loaded & Placement): Pick<Nexe, "tls"> {
  if (tls === undefined) return {};
  const { address, fileSize, memorySize } = tls;
  const isInside = [placed.rodata, placed.data].some(
    (holder) =>
      holder !== undefined &&
      address >= holder.address &&
      address + memorySize <= holder.address + holder.memorySize,
  );
  if (!isInside || fileSize > memorySize) return {};
  const range: GuestRange = { start: Number(address), end: Number(address + memorySize) };
  return { tls: Object.freeze({ ...range, fileBytes: Number(fileSize) }) };
}
