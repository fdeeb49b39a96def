import { type ByteReader, malformed } from "./byte-reader.ts";
import { skipConstantExpression } from "./constant-expression.ts";
import { type IndexSpaces, isSignature } from "./index-spaces.ts";
import type { ExternKind, TableShape } from "./module-shape.ts";
import { readGlobalType, readLimits, readTypes, readValueType } from "./value-types.ts";

/** Engines refuse modules with more; it bounds what we reserve for one. */
export const ENTRIES_MAX = 1_000_000;
/** Longest name in bytes, as engines have it. */
const NAME_BYTES_MAX = 100_000;

const EXTERN_KINDS: readonly ExternKind[] = ["function", "table", "memory", "global", "tag"];
/** Flags of limits: maximum, shared, 64-bit; memories also have a page size. */
const TABLE_FLAGS_MAX = 7;
const MEMORY_FLAGS_MAX = 15;
const TABLE_WITH_INITIAL_VALUE = 0x40;

/** One section that is read in whole. */
export type SectionParser = (reader: ByteReader, spaces: IndexSpaces) => void;

/** The sections whose contents are read, by id. Of the others only the count is. */
export const SECTION_PARSERS: Readonly<Record<number, SectionParser>> = {
  1: (reader, spaces) => {
    spaces.types = readTypes(reader);
  },
  2: readImports,
  3: readFunctions,
  4: readTables,
  5: readMemories,
  7: readExports,
  8: readStart,
  12: (reader, spaces) => {
    spaces.declaredDataCount = reader.u32("the number of data segments");
  },
  13: readTags,
};

function countEntries(reader: ByteReader, what: string, entryBytesMin: number): number {
  const start = reader.offset;
  const count = reader.count(what, entryBytesMin);
  if (count <= ENTRIES_MAX) return count;
  throw malformed(start, `${count} ${what} are too many`, `at most ${ENTRIES_MAX}`);
}

function readName(reader: ByteReader, what: string): string {
  const start = reader.offset;
  const name = reader.name(what);
  if (name.length <= NAME_BYTES_MAX) return name;
  throw malformed(start, `${what} is too long`, `at most ${NAME_BYTES_MAX} bytes`);
}

function readKind(reader: ByteReader): ExternKind {
  const start = reader.offset;
  const byte = reader.byte("a kind");
  const kind = EXTERN_KINDS[byte];
  if (kind === undefined)
    throw malformed(start, `${byte} is no kind of import or export`, "0 to 4");
  return kind;
}

function readImports(reader: ByteReader, spaces: IndexSpaces): void {
  const count = countEntries(reader, "imports", 4);
  for (let index = 0; index < count; index++) {
    const offset = reader.offset;
    const module = readName(reader, "the module of an import");
    const name = readName(reader, "the name of an import");
    const kind = readKind(reader);
    const type = readImportType(reader, spaces, kind);
    spaces.imports.push({ module, name, kind, ...(type === undefined ? {} : { type }), offset });
  }
}

/** Reads what an import is and adds it to its index space. @returns its type, as text. */
function readImportType(
  reader: ByteReader,
  spaces: IndexSpaces,
  kind: ExternKind,
): string | undefined {
  switch (kind) {
    case "function": {
      const offset = reader.offset;
      const type = spaces.signature(reader.u32("the index of a type"), offset);
      spaces.importedFunctionTypes.push(type);
      return type;
    }
    case "table":
      spaces.tables.push(readTable(reader, true));
      return undefined;
    case "memory":
      spaces.memories.push(readLimits(reader, true, MEMORY_FLAGS_MAX));
      return undefined;
    case "global":
      spaces.globalCount += 1;
      return readGlobalType(reader);
    case "tag":
      return readTag(reader, spaces);
  }
}

function readFunctions(reader: ByteReader, spaces: IndexSpaces): void {
  const count = countEntries(reader, "functions", 1);
  const types = new Uint32Array(count);
  const start = reader.offset;
  reader.u32s(types, spaces.types.length, "type");
  if (!spaces.types.every(isSignature)) {
    for (const type of new Set(types)) spaces.signature(type, start);
  }
  spaces.functionTypes = types;
}

function readTable(reader: ByteReader, imported: boolean): TableShape {
  const elementType = readValueType(reader);
  return { elementType, ...readLimits(reader, imported, TABLE_FLAGS_MAX) };
}

function readTables(reader: ByteReader, spaces: IndexSpaces): void {
  const count = countEntries(reader, "tables", 3);
  for (let index = 0; index < count; index++) {
    if (reader.peek() !== TABLE_WITH_INITIAL_VALUE) {
      spaces.tables.push(readTable(reader, false));
      continue;
    }
    reader.skip(1, "a table");
    const start = reader.offset;
    if (reader.byte("a table") !== 0) throw malformed(start, "this begins no table", "0x00");
    spaces.tables.push(readTable(reader, false));
    skipConstantExpression(reader, spaces.count("function"));
  }
}

function readMemories(reader: ByteReader, spaces: IndexSpaces): void {
  const count = countEntries(reader, "memories", 2);
  for (let index = 0; index < count; index++) {
    spaces.memories.push(readLimits(reader, false, MEMORY_FLAGS_MAX));
  }
}

function readTag(reader: ByteReader, spaces: IndexSpaces): string {
  const start = reader.offset;
  const attribute = reader.byte("a tag");
  if (attribute !== 0) throw malformed(start, `${attribute} is no attribute of a tag`, "0");
  const offset = reader.offset;
  const type = spaces.signature(reader.u32("the type of a tag"), offset);
  spaces.tagCount += 1;
  return type;
}

function readTags(reader: ByteReader, spaces: IndexSpaces): void {
  const count = countEntries(reader, "tags", 2);
  for (let index = 0; index < count; index++) readTag(reader, spaces);
}

function readExports(reader: ByteReader, spaces: IndexSpaces): void {
  const count = countEntries(reader, "exports", 3);
  const names = new Set<string>();
  for (let entry = 0; entry < count; entry++) {
    const offset = reader.offset;
    const name = readName(reader, "the name of an export");
    if (names.has(name)) throw malformed(offset, "two exports have one name", "different names");
    names.add(name);
    const kind = readKind(reader);
    const indexOffset = reader.offset;
    const index = reader.u32("the index of an export");
    spaces.checkIndex(kind, index, indexOffset);
    const type = kind === "function" ? spaces.signatureOfFunction(index, indexOffset) : undefined;
    spaces.exports.push({ name, kind, index, ...(type === undefined ? {} : { type }), offset });
  }
}

function readStart(reader: ByteReader, spaces: IndexSpaces): void {
  const offset = reader.offset;
  const index = reader.u32("the start function");
  spaces.checkIndex("function", index, offset);
  spaces.startFunction = index;
}
