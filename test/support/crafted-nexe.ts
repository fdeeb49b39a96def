/**
 * Program files that no linker makes: a good file with single numbers changed. Offsets of fields
 * are written down here again, so that a wrong one in the sources shows.
 */

/** Field of a file header or a program header: offset and size, in bytes. */
type Field = readonly [offset: number, sizeBytes: 1 | 2 | 4 | 8];

const FILE_64 = {
  magic: [0, 4],
  class: [4, 1],
  order: [5, 1],
  abi: [7, 1],
  type: [16, 2],
  machine: [18, 2],
  version: [20, 4],
  entry: [24, 8],
  phoff: [32, 8],
  shoff: [40, 8],
  flags: [48, 4],
  ehsize: [52, 2],
  phentsize: [54, 2],
  phnum: [56, 2],
} as const satisfies Record<string, Field>;

const FILE_32: Readonly<Record<FileField, Field>> = {
  ...FILE_64,
  entry: [24, 4],
  phoff: [28, 4],
  shoff: [32, 4],
  flags: [36, 4],
  ehsize: [40, 2],
  phentsize: [42, 2],
  phnum: [44, 2],
};

const SEGMENT_64 = {
  type: [0, 4],
  flags: [4, 4],
  offset: [8, 8],
  vaddr: [16, 8],
  paddr: [24, 8],
  filesz: [32, 8],
  memsz: [40, 8],
  align: [48, 8],
} as const satisfies Record<string, Field>;

const SEGMENT_32: Readonly<Record<SegmentField, Field>> = {
  type: [0, 4],
  offset: [4, 4],
  vaddr: [8, 4],
  paddr: [12, 4],
  filesz: [16, 4],
  memsz: [20, 4],
  flags: [24, 4],
  align: [28, 4],
};

type FileField = keyof typeof FILE_64;
type SegmentField = keyof typeof SEGMENT_64;

/** A new value; segments are named by their number. */
export interface NexeChanges {
  readonly file?: Readonly<Partial<Record<FileField, number | bigint>>>;
  readonly segments?: Readonly<Record<number, SegmentValues>>;
}

export type SegmentValues = Readonly<Partial<Record<SegmentField, number | bigint>>>;

/** A copy of the file with some of its fields changed. */
export function changedNexe(file: Uint8Array, changes: NexeChanges): Uint8Array {
  const bytes = file.slice();
  const is64 = bytes[4] === 2;
  const fields = is64 ? FILE_64 : FILE_32;
  const table = Number(numberAt(bytes, fields.phoff));
  for (const [number, values] of Object.entries(changes.segments ?? {})) {
    setSegment(bytes, table + Number(number) * (is64 ? 56 : 32), values);
  }
  for (const [name, value] of Object.entries(changes.file ?? {})) {
    setNumber(bytes, fields[name as FileField], value);
  }
  return bytes;
}

/** The file with further program headers: its table of them moves to the end of the file. */
export function withSegments(file: Uint8Array, added: readonly SegmentValues[]): Uint8Array {
  const is64 = file[4] === 2;
  const [fields, entryBytes] = is64 ? [FILE_64, 56] : [FILE_32, 32];
  const table = Number(numberAt(file, fields.phoff));
  const count = Number(numberAt(file, fields.phnum));
  const bytes = new Uint8Array(file.length + (count + added.length) * entryBytes);
  bytes.set(file);
  bytes.set(file.subarray(table, table + count * entryBytes), file.length);
  for (const [index, values] of added.entries()) {
    setSegment(bytes, file.length + (count + index) * entryBytes, values);
  }
  setNumber(bytes, fields.phoff, file.length);
  setNumber(bytes, fields.phnum, count + added.length);
  return bytes;
}

function setSegment(bytes: Uint8Array, start: number, values: SegmentValues): void {
  const fields = bytes[4] === 2 ? SEGMENT_64 : SEGMENT_32;
  for (const [name, value] of Object.entries(values)) {
    const [offset, sizeBytes] = fields[name as SegmentField];
    setNumber(bytes, [start + offset, sizeBytes], value);
  }
}

function setNumber(bytes: Uint8Array, [offset, sizeBytes]: Field, value: number | bigint): void {
  let rest = BigInt(value);
  for (let index = 0; index < sizeBytes; index++) {
    bytes[offset + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function numberAt(bytes: Uint8Array, [offset, sizeBytes]: Field): bigint {
  let value = 0n;
  for (let index = sizeBytes - 1; index >= 0; index--) {
    value = value * 256n + BigInt(bytes[offset + index] ?? 0);
  }
  return value;
}
