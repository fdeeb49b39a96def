import { ByteReader, malformed } from "./byte-reader.ts";
import { skipConstantExpression } from "./constant-expression.ts";
import { countFunctions, type ModuleShape } from "./module-shape.ts";
import { readGlobalType, readValueType } from "./value-types.ts";

const GLOBAL_SECTION = 6;
const ELEMENT_SECTION = 9;
const SEGMENT_KIND_MAX = 7;
/** Bits of the kind of a segment of elements. */
const NOT_ACTIVE = 1;
const NAMES_TABLE = 2;
const HOLDS_EXPRESSIONS = 4;
/** A segment with either of these says what its elements are. */
const NAMES_TYPE = NOT_ACTIVE | NAMES_TABLE;

/**
 * Judges the functions that globals and segments of elements name, before a pass adds functions of
 * its own: a module that named one of those would have been refused by every engine, and must not
 * become valid, or get at what counts it.
 * @throws ZvmError `ZVM_PROGRAM_REFUSED` for a function that the module does not have
 */
export function judgeFunctionReferences(bytes: Uint8Array, shape: ModuleShape): void {
  const functionCount = countFunctions(shape);
  const judge = (id: number, section: (reader: ByteReader, functionCount: number) => void) => {
    const found = shape.sections.find((one) => one.id === id);
    if (found === undefined) return;
    section(new ByteReader(bytes.subarray(found.start, found.end), found.start), functionCount);
  };
  judge(GLOBAL_SECTION, judgeGlobals);
  judge(ELEMENT_SECTION, judgeElements);
}

function judgeGlobals(reader: ByteReader, functionCount: number): void {
  const count = reader.count("globals", 3);
  for (let at = 0; at < count; at += 1) {
    readGlobalType(reader);
    skipConstantExpression(reader, functionCount);
  }
}

function judgeElements(reader: ByteReader, functionCount: number): void {
  const count = reader.count("element segments", 2);
  for (let at = 0; at < count; at += 1) judgeSegment(reader, functionCount);
}

function judgeSegment(reader: ByteReader, functionCount: number): void {
  const start = reader.offset;
  const kind = reader.u32("the kind of an element segment");
  if (kind > SEGMENT_KIND_MAX) {
    throw malformed(start, `${kind} is no kind of element segment`, `at most ${SEGMENT_KIND_MAX}`);
  }
  const isActive = (kind & NOT_ACTIVE) === 0;
  const hasExpressions = (kind & HOLDS_EXPRESSIONS) !== 0;
  if (isActive && (kind & NAMES_TABLE) !== 0) reader.u32("the index of a table");
  if (isActive) skipConstantExpression(reader, functionCount);
  if ((kind & NAMES_TYPE) !== 0) {
    if (hasExpressions) readValueType(reader);
    else reader.byte("the kind of elements");
  }
  const entries = reader.count("elements", 1);
  if (!hasExpressions) {
    reader.u32s(new Uint32Array(entries), functionCount, "function");
    return;
  }
  for (let at = 0; at < entries; at += 1) skipConstantExpression(reader, functionCount);
}
