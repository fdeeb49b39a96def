import { type ByteReader, malformed } from "./byte-reader.ts";
import type { LimitsShape, Signature } from "./module-shape.ts";

const NUMBER_TYPES: Readonly<Record<number, string>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
};

/** Abstract heap types, by their byte. As a value type the byte stands for the nullable one. */
const HEAP_TYPES: Readonly<Record<number, string>> = {
  116: "noexn",
  115: "nofunc",
  114: "noextern",
  113: "none",
  112: "func",
  111: "extern",
  110: "any",
  109: "eq",
  108: "i31",
  107: "struct",
  106: "array",
  105: "exn",
};

const REF_NULL = 0x63;
const REF = 0x64;

/** A value type as text: `i32`, `funcref`, `(ref null 4)`. */
export function readValueType(reader: ByteReader): string {
  const start = reader.offset;
  const byte = reader.byte("a value type");
  const number = NUMBER_TYPES[byte];
  if (number !== undefined) return number;
  const heap = HEAP_TYPES[byte];
  if (heap !== undefined) return `${heap}ref`;
  if (byte === REF_NULL) return `(ref null ${readHeapType(reader)})`;
  if (byte === REF) return `(ref ${readHeapType(reader)})`;
  throw malformed(start, `0x${byte.toString(16)} is no value type`, "a value type such as i32");
}

/** A heap type: an abstract one by name, or the index of a type. */
export function readHeapType(reader: ByteReader): string {
  const start = reader.offset;
  const value = Number(reader.signed(33, "a heap type"));
  if (value >= 0) return String(value);
  const name = HEAP_TYPES[value + 0x80];
  if (name === undefined) throw malformed(start, `${value} is no heap type`, "such as func");
  return name;
}

function readValueTypes(reader: ByteReader, what: string): string[] {
  const count = reader.count(what, 1);
  const types: string[] = [];
  for (let index = 0; index < count; index++) types.push(readValueType(reader));
  return types;
}

export function signatureOf(parameters: readonly string[], results: readonly string[]): Signature {
  return [...parameters, "->", ...results].join(" ");
}

const FUNCTION_TYPE = 0x60;
const STRUCT_TYPE = 0x5f;
const ARRAY_TYPE = 0x5e;
const SUB_TYPE = 0x50;
const SUB_FINAL_TYPE = 0x4f;
const RECURSIVE_GROUP = 0x4e;

/** Reads the contents of the type section: one text a type index. */
export function readTypes(reader: ByteReader): string[] {
  const groups = reader.count("types", 2);
  const types: string[] = [];
  for (let index = 0; index < groups; index++) {
    if (reader.peek() !== RECURSIVE_GROUP) {
      types.push(readSubType(reader));
      continue;
    }
    reader.byte("a recursive group");
    const size = reader.count("types of a group", 2);
    for (let member = 0; member < size; member++) types.push(readSubType(reader));
  }
  return types;
}

function readSubType(reader: ByteReader): string {
  const form = reader.peek();
  if (form === SUB_TYPE || form === SUB_FINAL_TYPE) {
    reader.byte("a subtype");
    const supertypes = reader.count("supertypes", 1);
    for (let index = 0; index < supertypes; index++) reader.u32("the index of a supertype");
  }
  return readCompositeType(reader);
}

function readCompositeType(reader: ByteReader): string {
  const start = reader.offset;
  const form = reader.byte("a type");
  if (form === FUNCTION_TYPE) {
    const parameters = readValueTypes(reader, "parameters");
    return signatureOf(parameters, readValueTypes(reader, "results"));
  }
  if (form === STRUCT_TYPE) {
    const fields = reader.count("fields", 2);
    for (let index = 0; index < fields; index++) readField(reader);
    return "struct";
  }
  if (form === ARRAY_TYPE) {
    readField(reader);
    return "array";
  }
  throw malformed(start, `0x${form.toString(16)} begins no type`, "a function type (0x60)");
}

function readField(reader: ByteReader): void {
  const packed = reader.peek();
  if (packed === 0x77 || packed === 0x78) reader.byte("a packed type");
  else readValueType(reader);
  readMutability(reader);
}

function readMutability(reader: ByteReader): boolean {
  const start = reader.offset;
  const flag = reader.byte("the mutability");
  if (flag > 1) throw malformed(start, `${flag} is no mutability`, "0 or 1");
  return flag === 1;
}

/** The type of a global: `i32`, or `mut i32` when it can change. */
export function readGlobalType(reader: ByteReader): string {
  const type = readValueType(reader);
  return readMutability(reader) ? `mut ${type}` : type;
}

const HAS_MAXIMUM = 1;
const IS_SHARED = 2;
const IS_64 = 4;
const HAS_PAGE_SIZE = 8;

export interface ReadLimits extends LimitsShape {
  readonly pageSizeLog2?: number;
}

/** Flags, minimum and maximum of a memory or table. `flagsMax` are the flags known there. */
export function readLimits(reader: ByteReader, imported: boolean, flagsMax: number): ReadLimits {
  const limitsStart = reader.offset;
  const flags = reader.byte("the limits");
  if (flags > flagsMax) {
    throw malformed(limitsStart, `${flags} are no flags of limits`, `0 to ${flagsMax}`);
  }
  const address64 = (flags & IS_64) !== 0;
  const minimum = readSize(reader, address64, "the minimum");
  const maximum = flags & HAS_MAXIMUM ? readSize(reader, address64, "the maximum") : undefined;
  const limitsEnd = reader.offset;
  const pageSizeLog2 = flags & HAS_PAGE_SIZE ? reader.u32("the page size") : undefined;
  return {
    imported,
    minimum,
    ...(maximum === undefined ? {} : { maximum }),
    shared: (flags & IS_SHARED) !== 0,
    address64,
    ...(pageSizeLog2 === undefined ? {} : { pageSizeLog2 }),
    limitsStart,
    limitsEnd,
  };
}

function readSize(reader: ByteReader, address64: boolean, what: string): number {
  return address64 ? Number(reader.u64(what)) : reader.u32(what);
}
