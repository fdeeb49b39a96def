import { assert } from "../../base/index.ts";
import {
  BUNDLE_BYTES,
  GUEST_BYTES,
  HALT,
  HALT_BYTES_MIN,
  pageUp,
  TEXT_START,
} from "./address-space.ts";
import {
  ELF_CLASS_BYTE,
  ELF_EXECUTABLE,
  ELF_FIELD,
  ELF_LITTLE_ENDIAN,
  ELF_MACHINE_X86_64,
  ELF_MAGIC,
  ELF_VERSION,
  ELF32,
  ELF64,
  type ElfClass,
  type ElfForm,
  writeWord,
} from "./elf-form.ts";
import { hex, NexeRefused } from "./nexe-refused.ts";
import { readNexe } from "./read-nexe.ts";
import { SEGMENT_FLAG, SEGMENT_TYPE } from "./segment-kinds.ts";

/** Sections of a program: their contents, and how much zeroed memory follows the data. */
export interface NexeSections {
  /** Code, from 0x20000 on; filled up with HLT to a multiple of 32. */
  readonly text: Uint8Array;
  readonly rodata?: Uint8Array;
  readonly data?: Uint8Array;
  readonly bssBytes?: number;
  /** Address where the program starts; the start of the text unless given. */
  readonly entry?: number;
  /** 64 unless given, as ZeroVM wants it; current Native Client mostly had 32. */
  readonly elfClass?: ElfClass;
}

/** How large the sections are, which is all that their places depend on. */
export interface SectionSizes {
  readonly textBytes: number;
  readonly rodataBytes?: number;
  readonly dataBytes?: number;
  readonly bssBytes?: number;
}

/** Where the sections begin, be they empty or not. */
export interface SectionAddresses {
  readonly text: number;
  readonly rodata: number;
  readonly data: number;
  readonly bss: number;
  /** Behind everything: where the heap begins, if there is data. */
  readonly end: number;
}

/**
 * Where `writeNexe` puts sections of these sizes: text at 0x20000, the others behind it, each on a
 * page of its own. An assembler needs the addresses before it has the bytes.
 */
export function placeSections(sizes: SectionSizes): SectionAddresses {
  const { textBytes, rodataBytes = 0, dataBytes = 0, bssBytes = 0 } = sizes;
  const rodata = pageUp(TEXT_START + bundleUp(textBytes) + HALT_BYTES_MIN);
  const data = pageUp(rodata + rodataBytes);
  const bss = data + dataBytes;
  return Object.freeze({ text: TEXT_START, rodata, data, bss, end: bss + bssBytes });
}

function bundleUp(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BUNDLE_BYTES) * BUNDLE_BYTES;
}

/** A section on its way into the file. */
interface Piece {
  readonly flags: number;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly memoryBytes: number;
}

/**
 * Makes a program file of sections: a header, one program header for each section that is not
 * empty, and their bytes. The same sections always give the same file, which both policies read;
 * of class 32, only `nacl` does. The code is not judged.
 * @throws NexeRefused for an entry that no program may have, or sections beyond the address space.
 */
export function writeNexe(sections: NexeSections): Uint8Array {
  const form = sections.elfClass === 32 ? ELF32 : ELF64;
  const pieces = piecesOf(sections);
  const { entry = TEXT_START } = sections;
  assert(isAddress(entry), "an entry is an address of the guest");
  const bytes = new Uint8Array(fileBytesOf(pieces, form));
  const view = new DataView(bytes.buffer);
  writeHeader(view, form, entry, pieces.length);
  let offset = bundleUp(form.headerBytes + pieces.length * form.entryBytes);
  for (const [index, piece] of pieces.entries()) {
    const start = form.headerBytes + index * form.entryBytes;
    writeProgramHeader(view, start, form, piece, offset);
    bytes.set(piece.bytes, offset);
    offset += bundleUp(piece.bytes.length);
  }
  // The one judge of what is a program also judges what is made here.
  readNexe(bytes, form.elfClass === 64 ? "zerovm" : "nacl");
  return bytes;
}

function piecesOf(sections: NexeSections): Piece[] {
  const { rodata = new Uint8Array(), data = new Uint8Array(), bssBytes = 0 } = sections;
  const text = new Uint8Array(bundleUp(sections.text.length)).fill(HALT);
  text.set(sections.text);
  const at = placeSections({
    textBytes: text.length,
    rodataBytes: rodata.length,
    dataBytes: data.length,
    bssBytes,
  });
  assert(Number.isInteger(bssBytes) && bssBytes >= 0, "the size of the bss is a number of bytes");
  judgeEnd(at.end);
  const { READ, WRITE, EXECUTE } = SEGMENT_FLAG;
  const pieces: Piece[] = [
    { flags: READ | EXECUTE, address: at.text, bytes: text, memoryBytes: text.length },
    { flags: READ, address: at.rodata, bytes: rodata, memoryBytes: rodata.length },
    { flags: READ | WRITE, address: at.data, bytes: data, memoryBytes: at.end - at.data },
  ];
  return pieces.filter(({ memoryBytes }) => memoryBytes > 0);
}

/** Words of class 32 would lose what lies above without a sign. */
function judgeEnd(end: number): void {
  if (isAddress(end)) return;
  throw new NexeRefused({
    reason: "segment-too-high",
    found: `the sections end at ${hex(end)}`,
    expected: `an end below ${hex(GUEST_BYTES)}`,
  });
}

function isAddress(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < GUEST_BYTES;
}

function fileBytesOf(pieces: readonly Piece[], form: ElfForm): number {
  const start = bundleUp(form.headerBytes + pieces.length * form.entryBytes);
  return pieces.reduce((sum, { bytes }) => sum + bundleUp(bytes.length), start);
}

function writeHeader(view: DataView, form: ElfForm, entry: number, headerCount: number): void {
  const at = form.file;
  view.setUint32(0, ELF_MAGIC, false);
  view.setUint8(ELF_FIELD.elfClass, ELF_CLASS_BYTE[form.elfClass]);
  view.setUint8(ELF_FIELD.byteOrder, ELF_LITTLE_ENDIAN);
  view.setUint8(ELF_FIELD.identVersion, ELF_VERSION);
  view.setUint16(ELF_FIELD.type, ELF_EXECUTABLE, true);
  view.setUint16(ELF_FIELD.machine, ELF_MACHINE_X86_64, true);
  view.setUint32(ELF_FIELD.version, ELF_VERSION, true);
  writeWord(view, at.entry, entry, form);
  writeWord(view, at.headersOffset, form.headerBytes, form);
  view.setUint16(at.headerSize, form.headerBytes, true);
  view.setUint16(at.entrySize, form.entryBytes, true);
  view.setUint16(at.headerCount, headerCount, true);
}

function writeProgramHeader(
  view: DataView,
  start: number,
  form: ElfForm,
  piece: Piece,
  offset: number,
): void {
  const at = form.segment;
  view.setUint32(start + at.type, SEGMENT_TYPE.LOAD, true);
  view.setUint32(start + at.flags, piece.flags, true);
  writeWord(view, start + at.offset, offset, form);
  writeWord(view, start + at.address, piece.address, form);
  writeWord(view, start + at.physicalAddress, piece.address, form);
  writeWord(view, start + at.fileSize, piece.bytes.length, form);
  writeWord(view, start + at.memorySize, piece.memoryBytes, form);
  writeWord(view, start + at.alignment, BUNDLE_BYTES, form);
}
