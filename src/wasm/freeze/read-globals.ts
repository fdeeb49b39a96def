import { ByteReader, type ModuleShape, readGlobalType, skipConstantExpression } from "../index.ts";

const GLOBAL_SECTION = 6;
const OP_REF_NULL = 0xd0;

/** A global that a module defines. */
export interface DefinedGlobal {
  /** In the index space of globals. */
  readonly index: number;
  readonly type: string;
  readonly isMutable: boolean;
  /** Where its type and its initial value stand in the file. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  /** Its initial value is `ref.null`. */
  readonly isNull: boolean;
}

/** The globals that a module defines itself, in order. */
export function readGlobals(bytes: Uint8Array, shape: ModuleShape): DefinedGlobal[] {
  const section = shape.sections.find(({ id }) => id === GLOBAL_SECTION);
  if (section === undefined) return [];
  const reader = new ByteReader(bytes.subarray(section.start, section.end), section.start);
  const count = reader.count("globals", 3);
  const first = shape.globalCount - count;
  const globals: DefinedGlobal[] = [];
  for (let at = 0; at < count; at += 1) {
    const start = reader.offset;
    const type = readGlobalType(reader);
    const valueStart = reader.offset;
    const isNull = reader.peek() === OP_REF_NULL;
    skipConstantExpression(reader);
    const isMutable = type.startsWith("mut ");
    globals.push({
      index: first + at,
      type: isMutable ? type.slice("mut ".length) : type,
      isMutable,
      start,
      valueStart,
      end: reader.offset,
      isNull,
    });
  }
  return globals;
}
