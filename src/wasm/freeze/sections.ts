import { ByteReader, type ModuleShape, SECTION_ORDER } from "../index.ts";
import { ByteWriter } from "../rewrite/index.ts";

/** Numbers of sections. */
export const SECTION = {
  MEMORY: 5,
  GLOBAL: 6,
  EXPORT: 7,
  START: 8,
  CODE: 10,
  DATA: 11,
  DATA_COUNT: 12,
} as const;

/** New contents of sections by number; null leaves one out. Others stay. */
export type Replacements = ReadonlyMap<number, Uint8Array | null>;

/** The sections of a module behind the preamble, without custom ones but for the names. */
export function joinSections(
  bytes: Uint8Array,
  shape: ModuleShape,
  replaced: Replacements,
): Uint8Array {
  const out = new ByteWriter(bytes.length + 1024);
  for (const id of SECTION_ORDER) {
    const section = shape.sections.find((it) => it.id === id);
    const contents = replaced.get(id);
    if (contents === null || (section === undefined && contents === undefined)) continue;
    if (contents !== undefined) writeSection(out, id, contents);
    else if (section !== undefined) out.copy(bytes, section.headerStart, section.end);
  }
  const names = shape.customSections.find(({ name }) => name === "name");
  if (names !== undefined) {
    const contents = new ByteWriter(names.sizeBytes + 8);
    contents.name("name");
    contents.copy(bytes, names.offset, names.offset + names.sizeBytes);
    writeSection(out, 0, contents.written());
  }
  return out.written();
}

function writeSection(out: ByteWriter, id: number, contents: Uint8Array): void {
  out.byte(id);
  out.unsigned(contents.length);
  out.all(contents);
}

/** A reader that stands at the number of entries of a section; undefined where there is none. */
export function entriesOf(
  bytes: Uint8Array,
  shape: ModuleShape,
  id: number,
): ByteReader | undefined {
  const section = shape.sections.find((it) => it.id === id);
  if (section === undefined) return undefined;
  return new ByteReader(bytes.subarray(section.start, section.end), section.start);
}

const KIND_BYTES = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** The contents of an export section with these of a module's exports, under other names. */
export function exportSection(
  exports: readonly {
    readonly name: string;
    readonly kind: keyof typeof KIND_BYTES;
    readonly index: number;
  }[],
): Uint8Array {
  const out = new ByteWriter(256);
  out.unsigned(exports.length);
  for (const { name, kind, index } of exports) {
    out.name(name);
    out.byte(KIND_BYTES[kind]);
    out.unsigned(index);
  }
  return out.written();
}
