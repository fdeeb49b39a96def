/** Modules that are well formed and large or deep in one way; made byte by byte. */
import { moduleOf } from "../support/wat.ts";

const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const TYPE = 1;
const FUNCTION = 3;
const MEMORY = 5;
const EXPORT = 7;
const CODE = 10;
const EMPTY_BODY = [2, 0, 0x0b];

function leb(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...leb(value >>> 7)];
}

function section(id: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([id, ...leb(body.length)]), body]);
}

function repeated(count: number, item: readonly number[]): Uint8Array {
  const head = Uint8Array.from(leb(count));
  return Buffer.concat([head, Buffer.from(item).toString("latin1").repeat(count)].map(toBytes));
}

function toBytes(part: Uint8Array | string): Uint8Array {
  return typeof part === "string" ? Buffer.from(part, "latin1") : part;
}

/** Functions of the empty type; the first of them is `_start`. */
function withFunctions(types: Uint8Array, functions: Uint8Array, code: Uint8Array): Uint8Array {
  const start = [6, ...Buffer.from("_start"), 0, 0];
  const memory = [6, ...Buffer.from("memory"), 2, 0];
  return Buffer.concat([
    Uint8Array.from(MAGIC),
    section(TYPE, types),
    section(FUNCTION, functions),
    section(MEMORY, Uint8Array.from([1, 0, 1])),
    section(EXPORT, Uint8Array.from([2, ...start, ...memory])),
    section(CODE, code),
  ]);
}

const EMPTY_TYPE = [0x60, 0, 0];
const ONE_TYPE = repeated(1, EMPTY_TYPE);
const ONE_FUNCTION = repeated(1, [0]);

function manyFunctions(count: number): Uint8Array {
  return withFunctions(ONE_TYPE, repeated(count, [0]), repeated(count, EMPTY_BODY));
}

function oneFunction(instructions: Uint8Array): Uint8Array {
  const body = Buffer.concat([Uint8Array.of(0), instructions, Uint8Array.of(0x0b)]);
  const code = Buffer.concat([Uint8Array.from([1, ...leb(body.length)]), body]);
  return withFunctions(ONE_TYPE, ONE_FUNCTION, code);
}

function nested(depth: number): Uint8Array {
  const open = Buffer.alloc(2 * depth, Uint8Array.of(0x02, 0x40));
  return oneFunction(Buffer.concat([open, Buffer.alloc(depth, 0x0b)]));
}

/** Says that there are very many items, and ends. */
function lying(id: number): Uint8Array {
  const count = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f);
  return Buffer.concat([Uint8Array.from(MAGIC), section(id, count)]);
}

/** Text of a module whose `_start` does nothing, with more in front of it. */
function idle(more: string, memory: string = '(memory (export "memory") 1)'): Uint8Array {
  return moduleOf(`(module ${more} ${memory} (func (export "_start")))`);
}

const RUNS = 0;
const REFUSED = 126;

/** Each way with the status that it ends with. */
export const HOSTILE_MODULES: readonly (readonly [
  name: string,
  status: number,
  make: () => Uint8Array,
])[] = [
  ["a million functions", RUNS, () => manyFunctions(1_000_000)],
  ["two million functions", REFUSED, () => manyFunctions(2_000_000)],
  ["a million types", RUNS, () => manyTypes(1_000_000)],
  ["a hundred thousand blocks, one in the other", RUNS, () => nested(100_000)],
  ["a function of seven megabytes", RUNS, () => oneFunction(Buffer.alloc(7_000_000, 0x01))],
  ["a function of eight megabytes", REFUSED, () => oneFunction(Buffer.alloc(8_000_000, 0x01))],
  ["types without end", REFUSED, () => lying(TYPE)],
  ["functions without end", REFUSED, () => lying(FUNCTION)],
  ["code without end", REFUSED, () => lying(CODE)],
  ["a section without end", REFUSED, () => Uint8Array.from([...MAGIC, 1, ...leb(2 ** 31 - 1)])],
  ["a giant table", REFUSED, () => idle("(table 4294967295 funcref)")],
  ["a large table", RUNS, () => idle("(table 500000 funcref)")],
  ["a giant memory", RUNS, () => idle("", '(memory (export "memory") 65536)')],
  ["a hundred memories", REFUSED, () => idle("(memory 65536)".repeat(100))],
];

function manyTypes(count: number): Uint8Array {
  return withFunctions(repeated(count, EMPTY_TYPE), ONE_FUNCTION, repeated(1, EMPTY_BODY));
}
