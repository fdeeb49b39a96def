import { BULK, OPCODES_MAX, VECTOR } from "./opcode.ts";

/** How many operands an instruction takes and gives, for those where the opcode alone says so. */
type Row = readonly [first: number, last: number, pops: number, pushes: number];

const PLAIN: readonly Row[] = [
  [0x1a, 0x1a, 1, 0], // drop
  [0x1b, 0x1c, 3, 1], // select
  [0x20, 0x20, 0, 1], // local.get
  [0x21, 0x21, 1, 0], // local.set
  [0x22, 0x22, 1, 1], // local.tee
  [0x23, 0x23, 0, 1], // global.get
  [0x24, 0x24, 1, 0], // global.set
  [0x25, 0x25, 1, 1], // table.get
  [0x26, 0x26, 2, 0], // table.set
  [0x28, 0x35, 1, 1], // loads
  [0x36, 0x3e, 2, 0], // stores
  [0x3f, 0x3f, 0, 1], // memory.size
  [0x40, 0x40, 1, 1], // memory.grow
  [0x41, 0x44, 0, 1], // constants
  [0x45, 0x45, 1, 1], // i32.eqz
  [0x46, 0x4f, 2, 1],
  [0x50, 0x50, 1, 1], // i64.eqz
  [0x51, 0x66, 2, 1],
  [0x67, 0x69, 1, 1],
  [0x6a, 0x78, 2, 1],
  [0x79, 0x7b, 1, 1],
  [0x7c, 0x8a, 2, 1],
  [0x8b, 0x91, 1, 1],
  [0x92, 0x98, 2, 1],
  [0x99, 0x9f, 1, 1],
  [0xa0, 0xa6, 2, 1],
  [0xa7, 0xc4, 1, 1], // conversions and sign extension
  [0xd0, 0xd0, 0, 1], // ref.null
  [0xd1, 0xd1, 1, 1], // ref.is_null
  [0xd2, 0xd2, 0, 1], // ref.func
];

const BULK_ROWS: readonly Row[] = [
  [0, 7, 1, 1],
  [8, 8, 3, 0],
  [10, 12, 3, 0],
  [14, 14, 3, 0],
  [15, 15, 2, 1], // table.grow
  [16, 16, 0, 1], // table.size
  [17, 17, 3, 0],
];

/** Numbers without an instruction are in here as well: the engine refuses those. */
const VECTOR_ROWS: readonly Row[] = [
  [0, 10, 1, 1], // loads
  [11, 11, 2, 0], // v128.store
  [12, 12, 0, 1], // v128.const
  [13, 14, 2, 1],
  [15, 22, 1, 1], // splat, i8x16.extract_lane
  [23, 23, 2, 1],
  [24, 25, 1, 1],
  [26, 26, 2, 1],
  [27, 27, 1, 1],
  [28, 28, 2, 1],
  [29, 29, 1, 1],
  [30, 30, 2, 1],
  [31, 31, 1, 1],
  [32, 32, 2, 1],
  [33, 33, 1, 1],
  [34, 76, 2, 1],
  [77, 77, 1, 1], // v128.not
  [78, 81, 2, 1],
  [82, 82, 3, 1], // v128.bitselect
  [83, 83, 1, 1],
  [84, 87, 2, 1], // v128.load_lane
  [88, 91, 2, 0], // v128.store_lane
  [92, 100, 1, 1],
  [101, 102, 2, 1],
  [103, 106, 1, 1],
  [107, 115, 2, 1],
  [116, 117, 1, 1],
  [118, 121, 2, 1],
  [122, 122, 1, 1],
  [123, 123, 2, 1],
  [124, 129, 1, 1],
  [130, 130, 2, 1],
  [131, 132, 1, 1],
  [133, 134, 2, 1],
  [135, 138, 1, 1],
  [139, 147, 2, 1],
  [148, 148, 1, 1],
  [149, 159, 2, 1],
  [160, 170, 1, 1],
  [171, 191, 2, 1],
  [192, 202, 1, 1],
  [203, 223, 2, 1],
  [224, 227, 1, 1],
  [228, 235, 2, 1],
  [236, 239, 1, 1],
  [240, 247, 2, 1],
  [248, 255, 1, 1],
];

/** Operands taken, by opcode. 255 where the opcode alone does not say. */
export const POPS: Uint8Array = new Uint8Array(OPCODES_MAX).fill(255);
/** Operands given, by opcode. */
export const PUSHES: Uint8Array = new Uint8Array(OPCODES_MAX);

/** What `POPS` has for instructions that steer, call, or are not known. */
export const EFFECT_VARIES = 255;

function fill(rows: readonly Row[], base: number): void {
  for (const [first, last, pops, pushes] of rows) {
    POPS.fill(pops, base + first, base + last + 1);
    PUSHES.fill(pushes, base + first, base + last + 1);
  }
}

fill(PLAIN, 0);
fill(BULK_ROWS, BULK);
fill(VECTOR_ROWS, VECTOR);
// These take and give nothing, and steer nothing.
for (const opcode of [0x01, BULK + 9, BULK + 13]) POPS[opcode] = 0;
