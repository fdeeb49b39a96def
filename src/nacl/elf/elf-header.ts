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
  type ElfForm,
  readWord,
} from "./elf-form.ts";
import type { NexePolicy } from "./nexe.ts";
import { hex, type NexeReason, NexeRefused } from "./nexe-refused.ts";

/** Program headers that a file may have; the original's limit, and ours for both policies. */
export const PROGRAM_HEADERS_MAX = 128;

const WORD_32_MAX = 0xffff_ffffn;

/** What the file header says, with the table of program headers known to lie in the file. */
export interface ElfHeader {
  readonly form: ElfForm;
  readonly entry: bigint;
  readonly headersOffset: number;
  readonly headerCount: number;
}

/**
 * Reads and judges the file header, in the order of the policy: ZeroVM looks for the table of
 * program headers before it looks whether this is an ELF file at all.
 * @throws NexeRefused
 */
export function readElfHeader(view: DataView, policy: NexePolicy): ElfHeader {
  if (policy === "nacl") return readForNacl(view);
  try {
    return readForZerovm(view);
  } catch (error) {
    // Read as class 64, a file of class 32 has its first fault where nobody would look.
    if (!(error instanceof NexeRefused && isClass32(view))) throw error;
    const hint = "This is an ELF file of 32 bits, which only the policy nacl takes";
    throw new NexeRefused({ ...error.fault, hint });
  }
}

function isClass32(view: DataView): boolean {
  return (
    view.byteLength >= ELF32.headerBytes &&
    view.getUint32(0, false) === ELF_MAGIC &&
    view.getUint8(ELF_FIELD.elfClass) === ELF_CLASS_BYTE[32]
  );
}

function readForZerovm(view: DataView): ElfHeader {
  judgeSize(view, ELF64);
  judgeCount(view, ELF64);
  judgeEntrySize(view, ELF64, (size) => size >= ELF64.entryBytes);
  const header = locateHeaders(view, ELF64);
  judgeMagic(view);
  formOf(view, [ELF64]);
  judgeKind(view);
  return header;
}

function readForNacl(view: DataView): ElfHeader {
  judgeSize(view, ELF32);
  judgeMagic(view);
  const form = formOf(view, [ELF32, ELF64]);
  judgeSize(view, form);
  judgeByteOrder(view);
  judgeKind(view);
  judgeHeaderSize(view, form);
  judgeWords(view, form);
  judgeCount(view, form);
  judgeEntrySize(view, form, (size) => size === form.entryBytes);
  return locateHeaders(view, form);
}

function judgeSize(view: DataView, form: ElfForm): void {
  if (view.byteLength >= form.headerBytes) return;
  throw new NexeRefused({
    reason: "file-too-short",
    found: `the file has ${view.byteLength} bytes`,
    expected: `at least the ${form.headerBytes} bytes of an ELF header`,
  });
}

function judgeCount(view: DataView, form: ElfForm): void {
  const offset = form.file.headerCount;
  const count = view.getUint16(offset, true);
  if (count <= PROGRAM_HEADERS_MAX) return;
  throw new NexeRefused({
    reason: "too-many-headers",
    found: `e_phnum is ${count}`,
    expected: `at most ${PROGRAM_HEADERS_MAX}`,
    offset,
  });
}

function judgeEntrySize(view: DataView, form: ElfForm, fits: (size: number) => boolean): void {
  const offset = form.file.entrySize;
  const size = view.getUint16(offset, true);
  if (fits(size)) return;
  throw new NexeRefused({
    reason: "header-entry-size",
    found: `e_phentsize is ${size}`,
    expected: `${form.entryBytes}`,
    offset,
  });
}

/** Entries are read as records of the class, whatever size the file gives them. */
function locateHeaders(view: DataView, form: ElfForm): ElfHeader {
  const offset = form.file.headersOffset;
  const start = readWord(view, offset, form);
  const headerCount = view.getUint16(form.file.headerCount, true);
  const end = start + BigInt(headerCount * form.entryBytes);
  if (start >= BigInt(view.byteLength) || end > BigInt(view.byteLength)) {
    throw new NexeRefused({
      reason: "headers-outside-file",
      found: `e_phoff is ${hex(start)}, with ${headerCount} program headers`,
      expected: `a table that lies within the ${view.byteLength} bytes of the file`,
      offset,
    });
  }
  const entry = readWord(view, form.file.entry, form);
  return { form, entry, headersOffset: Number(start), headerCount };
}

function judgeMagic(view: DataView): void {
  const magic = view.getUint32(0, false);
  if (magic === ELF_MAGIC) return;
  throw new NexeRefused({
    reason: "elf-magic",
    found: `the file begins with ${hex(magic)}`,
    expected: `${hex(ELF_MAGIC)}, the mark of ELF`,
    offset: 0,
  });
}

function formOf(view: DataView, forms: readonly ElfForm[]): ElfForm {
  const found = view.getUint8(ELF_FIELD.elfClass);
  const form = forms.find(({ elfClass }) => ELF_CLASS_BYTE[elfClass] === found);
  if (form !== undefined) return form;
  const wanted = forms.map(({ elfClass }) => `${ELF_CLASS_BYTE[elfClass]} (${elfClass} bits)`);
  throw new NexeRefused({
    reason: "elf-class",
    found: `EI_CLASS is ${found}`,
    expected: wanted.join(" or "),
    offset: ELF_FIELD.elfClass,
  });
}

function judgeByteOrder(view: DataView): void {
  const offset = ELF_FIELD.byteOrder;
  const found = view.getUint8(offset);
  if (found === ELF_LITTLE_ENDIAN) return;
  throw new NexeRefused({
    reason: "elf-byte-order",
    found: `EI_DATA is ${found}`,
    expected: `${ELF_LITTLE_ENDIAN} (little-endian)`,
    offset,
  });
}

/** What the file says it is, field by field: reason, name, offset, value, what is right. */
function judgeKind(view: DataView): void {
  const { type, machine, version } = ELF_FIELD;
  const wanted: readonly (readonly [NexeReason, string, number, number, number, string])[] = [
    ["elf-type", "e_type", type, view.getUint16(type, true), ELF_EXECUTABLE, "executable"],
    [
      "elf-machine",
      "e_machine",
      machine,
      view.getUint16(machine, true),
      ELF_MACHINE_X86_64,
      "x86-64",
    ],
    ["elf-version", "e_version", version, view.getUint32(version, true), ELF_VERSION, "current"],
  ];
  for (const [reason, field, offset, value, right, means] of wanted) {
    if (value === right) continue;
    throw new NexeRefused({
      reason,
      found: `${field} is ${value}`,
      expected: `${right} (${means})`,
      offset,
      value: value.toString(16),
    });
  }
}

function judgeHeaderSize(view: DataView, form: ElfForm): void {
  const offset = form.file.headerSize;
  const size = view.getUint16(offset, true);
  if (size === form.headerBytes) return;
  throw new NexeRefused({
    reason: "elf-header-size",
    found: `e_ehsize is ${size}`,
    expected: `${form.headerBytes}`,
    offset,
  });
}

function judgeWords(view: DataView, form: ElfForm): void {
  const { entry, headersOffset, sectionsOffset } = form.file;
  judgeWord32(view, entry, form, "e_entry");
  judgeWord32(view, headersOffset, form, "e_phoff");
  judgeWord32(view, sectionsOffset, form, "e_shoff");
}

/**
 * Current Native Client takes files of the class 64 only where every word would fit into 32 bits.
 * @throws NexeRefused
 */
export function judgeWord32(view: DataView, offset: number, form: ElfForm, field: string): void {
  const value = readWord(view, offset, form);
  if (value <= WORD_32_MAX) return;
  throw new NexeRefused({
    reason: "above-32-bits",
    found: `${field} is ${hex(value)}`,
    expected: "a number of at most 32 bits",
    offset,
  });
}
