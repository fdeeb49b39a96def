import { type ByteReader, malformed } from "./byte-reader.ts";
import { readHeapType } from "./value-types.ts";

const END = 0x0b;

/** What follows the opcode of an instruction that may stand in a constant expression. */
const SKIP: Readonly<Record<number, (reader: ByteReader, functionCount: number) => void>> = {
  35: (reader) => void reader.u32("the index of a global"), // global.get
  65: (reader) => void reader.signed(32, "a constant"), // i32.const
  66: (reader) => void reader.signed(64, "a constant"), // i64.const
  67: (reader) => reader.skip(4, "a constant"), // f32.const
  68: (reader) => reader.skip(8, "a constant"), // f64.const
  106: () => {}, // i32.add
  107: () => {}, // i32.sub
  108: () => {}, // i32.mul
  124: () => {}, // i64.add
  125: () => {}, // i64.sub
  126: () => {}, // i64.mul
  208: (reader) => void readHeapType(reader), // ref.null
  210: skipFunction, // ref.func
  251: skipAggregate,
  253: skipVector,
};

function skipFunction(reader: ByteReader, functionCount: number): void {
  const start = reader.offset;
  const index = reader.u32("the index of a function");
  if (index < functionCount) return;
  throw malformed(start, `there is no function ${index}`, `below ${functionCount}`);
}

/** Indices that follow an aggregate instruction of the prefix 0xfb. */
const AGGREGATE_INDICES: Readonly<Record<number, number>> = {
  0: 1, // struct.new
  1: 1, // struct.new_default
  6: 1, // array.new
  7: 1, // array.new_default
  8: 2, // array.new_fixed
  26: 0, // any.convert_extern
  27: 0, // extern.convert_any
  28: 0, // ref.i31
};

function skipAggregate(reader: ByteReader): void {
  const start = reader.offset;
  const indices = AGGREGATE_INDICES[reader.u32("an instruction")];
  if (indices === undefined) throw notConstant(start);
  for (let index = 0; index < indices; index++) reader.u32("the index of a type");
}

function skipVector(reader: ByteReader): void {
  const start = reader.offset;
  if (reader.u32("an instruction") !== 12) throw notConstant(start);
  reader.skip(16, "a constant");
}

function notConstant(offset: number): Error {
  return malformed(offset, "this instruction is not constant", "a constant expression");
}

/**
 * Walks over an initial value, to what stands behind it.
 * @param functionCount of the module, where functions that it names are to be judged
 */
export function skipConstantExpression(
  reader: ByteReader,
  functionCount = Number.POSITIVE_INFINITY,
): void {
  for (;;) {
    const start = reader.offset;
    const opcode = reader.byte("a constant expression");
    if (opcode === END) return;
    const skip = SKIP[opcode];
    if (skip === undefined) throw notConstant(start);
    skip(reader, functionCount);
  }
}
