import { BULK_OP, OP, TYPE } from "../rewrite/index.ts";
import type { Assembler } from "./assembler.ts";

const SHL_64 = 0x86;
const EXTEND_U = 0xad;

/** How a bulk operation moves: where its bounds are, and in which steps. */
export interface Mover {
  readonly opcode: number;
  readonly indices: readonly number[];
  /** Type of the second operand; the others are i32. */
  readonly middle: number;
  /** Pushes the size of what the first operand points into, as i64. */
  readonly size: (code: Assembler) => void;
  /** The same for the second, where it points as well. */
  readonly sourceSize?: (code: Assembler) => void;
  /** The second operand points into a segment, whose size only the operation itself knows. */
  readonly readsSegment?: true;
  readonly pieceSize: number;
}

/** The operands of every such operation, as parameters. */
export const [TO, FROM, COUNT] = [0, 1, 2];

/** Pushes the bytes of the memory, as i64. */
export function memorySize(code: Assembler): void {
  code.op(OP.MEMORY_SIZE, 0, EXTEND_U).i64(16).op(SHL_64);
}

/** What pushes the elements of a table, as i64. */
export function tableSize(table: number): (code: Assembler) => void {
  return (code) => code.bulk(BULK_OP.TABLE_SIZE, table).op(EXTEND_U);
}

/** Nothing is written before all is known to be in bounds: else the whole operation traps. */
export function checkBounds(code: Assembler, mover: Mover, whole: (code: Assembler) => void): void {
  const { opcode, indices, size, sourceSize, readsSegment } = mover;
  const check = (pointer: number, limit: (code: Assembler) => void): void => {
    code.get(pointer).op(EXTEND_U).get(COUNT).op(EXTEND_U, OP.I64_ADD);
    limit(code);
    code.op(OP.I64_GT_U);
    code.if(() => whole(code));
  };
  check(TO, size);
  if (sourceSize !== undefined) check(FROM, sourceSize);
  if (readsSegment !== true) return;
  check(FROM, (it) => void it.i64(0xffff_ffff));
  // An operation on nothing behind the last byte: traps where the segment ends before.
  code
    .i32(0)
    .get(FROM, COUNT)
    .op(OP.I32_ADD)
    .i32(0)
    .bulk(opcode, ...indices);
}

/** Moves all but the last piece. What overlaps is moved from the end that is not yet read. */
export function movePieces(code: Assembler, mover: Mover, piece: number): void {
  const { pieceSize, sourceSize } = mover;
  const isSource = sourceSize !== undefined || mover.readsSegment === true;
  const goOn = (): void => void code.get(COUNT).i32(pieceSize).op(OP.I32_GT_U);
  const shrink = (): void => void code.get(COUNT).i32(pieceSize).op(OP.I32_SUB).set(COUNT);
  const step = (pointer: number): void =>
    void code.get(pointer).i32(pieceSize).op(OP.I32_ADD).set(pointer);
  const forward = (): void => {
    code.get(TO, FROM).i32(pieceSize).call(piece);
    step(TO);
    if (isSource) step(FROM);
    shrink();
    goOn();
  };
  if (sourceSize === undefined) {
    code.while(forward);
    return;
  }
  code.get(TO, FROM).op(OP.I32_GT_U, OP.IF, TYPE.VOID);
  code.while(() => {
    shrink();
    code.get(TO, COUNT).op(OP.I32_ADD).get(FROM, COUNT).op(OP.I32_ADD);
    code.i32(pieceSize).call(piece);
    goOn();
  });
  code.op(OP.ELSE);
  code.while(forward);
  code.op(OP.END);
}
