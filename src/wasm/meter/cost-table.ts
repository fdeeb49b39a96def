import { BULK, OP, OPCODES_MAX, VECTOR } from "../rewrite/index.ts";

/** One line of the published table. */
export interface CostRow {
  readonly what: string;
  readonly cost: number;
  /** First and last opcode, as pairs. */
  readonly opcodes: readonly (readonly [first: number, last: number])[];
}

/** What instructions cost in units of fuel. What is in no row costs 1. */
export const COST_ROWS: readonly CostRow[] = [
  {
    what: "`nop`, `block`, `loop`, `else`, `end`, `try`, `catch`, `drop`, `unreachable`",
    cost: 0,
    opcodes: [
      [OP.UNREACHABLE, OP.LOOP],
      [OP.ELSE, OP.CATCH],
      [OP.END, OP.END],
      [OP.DELEGATE, OP.DROP],
      [OP.TRY_TABLE, OP.TRY_TABLE],
    ],
  },
  {
    what: "`call`, `return_call`, `br_table`, `throw` and `rethrow`",
    cost: 2,
    opcodes: [
      [OP.CALL, OP.CALL],
      [OP.RETURN_CALL, OP.RETURN_CALL],
      [OP.BR_TABLE, OP.BR_TABLE],
      [OP.THROW, OP.THROW_REF],
    ],
  },
  {
    what: "`call_indirect`, `return_call_indirect`",
    cost: 4,
    opcodes: [
      [OP.CALL_INDIRECT, OP.CALL_INDIRECT],
      [OP.RETURN_CALL_INDIRECT, OP.RETURN_CALL_INDIRECT],
    ],
  },
  {
    what: "division, remainder and square root, of numbers and of vectors",
    cost: 4,
    opcodes: [
      [0x6d, 0x70],
      [0x7f, 0x82],
      [0x91, 0x91],
      [0x95, 0x95],
      [0x9f, 0x9f],
      [0xa3, 0xa3],
      [VECTOR + 227, VECTOR + 227],
      [VECTOR + 231, VECTOR + 231],
      [VECTOR + 239, VECTOR + 239],
      [VECTOR + 243, VECTOR + 243],
    ],
  },
  {
    what: "bulk operations on memories and tables, and `memory.grow`, before what is moved",
    cost: 8,
    opcodes: [
      [OP.MEMORY_GROW, OP.MEMORY_GROW],
      [BULK + 8, BULK + 17],
    ],
  },
];

/** Bytes that a bulk operation on memory moves for one unit; a power of two. */
export const BYTES_PER_UNIT = 16;
/** Units for each element that a bulk operation on a table moves or adds. */
export const UNITS_PER_ELEMENT = 1;
/** Units for each page of 64 KiB by which memory is asked to grow. */
export const UNITS_PER_PAGE = 1024;

/**
 * A run goes on behind an exit that may not be taken as long as less than this many units follow
 * the exit; then a new run begins there.
 */
export const UNITS_BEHIND_EXIT_MAX = 24;

/** Units by opcode. */
export const COSTS: Uint8Array = new Uint8Array(OPCODES_MAX).fill(1);

for (const { cost, opcodes } of COST_ROWS) {
  for (const [first, last] of opcodes) COSTS.fill(cost, first, last + 1);
}
