import type { ByteSource } from "../base/index.ts";
import { ByteReader, decodeLossy, malformed } from "./byte-reader.ts";
import { IndexSpaces } from "./index-spaces.ts";
import type { ModuleShape } from "./module-shape.ts";
import { ENTRIES_MAX, SECTION_PARSERS } from "./read-sections.ts";

/** Files above this are refused by every engine that we run on. */
export const MODULE_BYTES_MAX = 2 ** 30;
/** Custom sections beyond this many are walked over and not listed. */
const CUSTOM_SECTIONS_LISTED_MAX = 1000;

const PREAMBLE_BYTES = 8;
/** Id and longest size of a section. */
const SECTION_HEADER_BYTES_MAX = 6;
/** What is read of a section of which only the number of entries matters. */
const COUNT_BYTES_MAX = 5;
/** What is read of a custom section: its name. */
const CUSTOM_NAME_BYTES_MAX = 1024;

const CUSTOM = 0;
const GLOBAL = 6;
const ELEMENT = 9;
const CODE = 10;
const DATA = 11;

/** Section ids in the order in which they must come. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
const SECTION_NAMES: readonly string[] = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
  "tag",
];

/** Gives stretches of the module; a stretch may be a view and is only read. */
interface Stretches {
  readonly sizeBytes: number;
  /** At most `size` bytes from `offset`, fewer at the end of the file. */
  slice(offset: number, size: number): Uint8Array;
}

/**
 * Reads the structure of a binary module. Bodies of functions, values of data, elements and
 * globals are walked over by the size of their section, not decoded: the engine validates them.
 * Whatever an engine accepts is accepted here, and what is refused here no engine accepts.
 * @throws ZvmError `ZVM_PROGRAM_REFUSED` with one diagnostic: offset, finding, expectation.
 */
export function readModule(bytes: Uint8Array): ModuleShape {
  return readStretches({
    sizeBytes: bytes.length,
    slice: (offset, size) => bytes.subarray(offset, Math.min(bytes.length, offset + size)),
  });
}

/**
 * As `readModule`, for a module in a file: reads only the stretches that matter, which are some
 * hundred kilobytes even of a program of many megabytes.
 */
export function readModuleFrom(source: ByteSource): ModuleShape {
  return readStretches({
    sizeBytes: source.sizeBytes,
    slice: (offset, size) => {
      const into = new Uint8Array(Math.max(0, Math.min(size, source.sizeBytes - offset)));
      return into.subarray(0, source.read(offset, into));
    },
  });
}

function readStretches(file: Stretches): ModuleShape {
  checkPreamble(file);
  const spaces = new IndexSpaces();
  let offset = PREAMBLE_BYTES;
  let last = -1;
  while (offset < file.sizeBytes) {
    const header = new ByteReader(file.slice(offset, SECTION_HEADER_BYTES_MAX), offset);
    const id = header.byte("a section");
    const sizeBytes = header.u32("the size of a section");
    const start = header.offset;
    checkSize(id, start, sizeBytes, file.sizeBytes);
    if (id !== CUSTOM) {
      last = checkOrder(id, last, offset);
      spaces.sections.push({ id, headerStart: offset, start, end: start + sizeBytes });
    }
    readSection(file, { id, start, sizeBytes }, spaces);
    offset = start + sizeBytes;
  }
  checkCounts(spaces, file.sizeBytes);
  return spaces.toShape(file.sizeBytes);
}

function checkPreamble(file: Stretches): void {
  if (file.sizeBytes > MODULE_BYTES_MAX) {
    throw malformed(0, "the file is too large", `at most ${MODULE_BYTES_MAX} bytes`);
  }
  const reader = new ByteReader(file.slice(0, PREAMBLE_BYTES), 0);
  for (const expected of [0x00, 0x61, 0x73, 0x6d]) {
    const start = reader.offset;
    if (reader.byte("the magic number") === expected) continue;
    throw malformed(start, "this is no WebAssembly module", "the magic number `\\0asm`");
  }
  const start = reader.offset;
  const version = [1, 2, 3, 4].map(() => reader.byte("the version"));
  if (version.join() !== "1,0,0,0") {
    const text = version.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw malformed(start, `version ${text} is unknown`, "version 01 00 00 00");
  }
}

function checkSize(id: number, start: number, sizeBytes: number, fileBytes: number): void {
  if (SECTION_NAMES[id] === undefined) {
    throw malformed(start, `section ${id} is unknown`, "a section id of 0 to 13");
  }
  const remaining = fileBytes - start;
  if (sizeBytes <= remaining) return;
  const name = SECTION_NAMES[id];
  throw malformed(
    start,
    `the ${name} section is cut off`,
    `${sizeBytes} bytes, ${remaining} remain`,
  );
}

/** @returns the place of the section in the order, which the next one has to exceed. */
function checkOrder(id: number, last: number, offset: number): number {
  const place = SECTION_ORDER.indexOf(id);
  if (place > last) return place;
  const name = SECTION_NAMES[id];
  const previous = SECTION_NAMES[SECTION_ORDER[last] ?? 0];
  if (place === last) throw malformed(offset, `a second ${name} section`, "one of each");
  throw malformed(
    offset,
    `the ${name} section comes too late`,
    `it before the ${previous} section`,
  );
}

interface Section {
  readonly id: number;
  readonly start: number;
  readonly sizeBytes: number;
}

function readSection(file: Stretches, section: Section, spaces: IndexSpaces): void {
  const { id, start, sizeBytes } = section;
  const parse = SECTION_PARSERS[id];
  if (parse !== undefined) {
    const reader = new ByteReader(file.slice(start, sizeBytes), start);
    parse(reader, spaces);
    reader.finish(`the ${SECTION_NAMES[id]} section`);
    return;
  }
  switch (id) {
    case CUSTOM:
      readCustom(file, section, spaces);
      return;
    case GLOBAL:
      spaces.globalCount += readCount(file, section, "globals", 3);
      return;
    case ELEMENT:
      spaces.elementCount = readCount(file, section, "element segments", 2);
      return;
    case CODE:
      spaces.codeCount = readCount(file, section, "function bodies", 3);
      spaces.codeBytes = sizeBytes;
      return;
    case DATA:
      spaces.dataCount = readCount(file, section, "data segments", 2);
      spaces.dataBytes = sizeBytes;
      return;
  }
}

function readCustom(file: Stretches, section: Section, spaces: IndexSpaces): void {
  const { start, sizeBytes } = section;
  const reader = new ByteReader(file.slice(start, Math.min(sizeBytes, 5)), start);
  const nameBytes = reader.u32("the length of a custom section's name");
  const offset = reader.offset + nameBytes;
  const end = start + sizeBytes;
  if (offset > end) {
    throw malformed(start, "the name of a custom section is cut off", "a name inside the section");
  }
  if (spaces.customSections.length >= CUSTOM_SECTIONS_LISTED_MAX) return;
  const shown = Math.min(nameBytes, CUSTOM_NAME_BYTES_MAX);
  spaces.customSections.push({
    name: decodeLossy(file.slice(reader.offset, shown)),
    sizeBytes: end - offset,
    offset,
  });
}

function readCount(file: Stretches, section: Section, what: string, entryBytesMin: number): number {
  const { start, sizeBytes } = section;
  const reader = new ByteReader(file.slice(start, Math.min(sizeBytes, COUNT_BYTES_MAX)), start);
  const count = reader.u32(`the number of ${what}`);
  const remaining = sizeBytes - (reader.offset - start);
  if (count * entryBytesMin > remaining || count > ENTRIES_MAX) {
    const most = Math.min(ENTRIES_MAX, Math.floor(remaining / entryBytesMin));
    throw malformed(start, `${count} ${what} do not fit in the section`, `at most ${most}`);
  }
  return count;
}

/** What the sections say about each other. */
function checkCounts(spaces: IndexSpaces, fileBytes: number): void {
  const functions = spaces.functionTypes.length;
  if (spaces.codeCount !== functions) {
    const message = `${functions} functions are declared and ${spaces.codeCount} have a body`;
    throw malformed(fileBytes, message, "one body for each function");
  }
  const declared = spaces.declaredDataCount;
  if (declared !== undefined && declared !== spaces.dataCount) {
    const message = `${declared} data segments are announced and ${spaces.dataCount} are there`;
    throw malformed(fileBytes, message, "the number announced");
  }
}
