import { type ByteWriter, OP } from "../rewrite/index.ts";

/** Instructions that the ground of passes does not name. */
export const I32_EQ = 0x46;
export const I64_GE_S = 0x59;
export const I32_AND = 0x71;

/** Writes an instruction, and the one byte that follows it. */
export function op(writer: ByteWriter, opcode: number, immediate?: number): void {
  writer.byte(opcode);
  if (immediate !== undefined) writer.byte(immediate);
}

/** Writes an instruction with an index or a label. */
export function opIndex(writer: ByteWriter, opcode: number, index: number): void {
  writer.byte(opcode);
  writer.unsigned(index);
}

/** Writes a constant of 32 bits. */
export function constant(writer: ByteWriter, value: number): void {
  writer.byte(OP.I32_CONST);
  writer.signed(value);
}

/** Writes a constant of 64 bits. */
export function constant64(writer: ByteWriter, value: number): void {
  writer.byte(OP.I64_CONST);
  writer.signed(value);
}

/** Adds to a global of 32 bits. */
export function addToGlobal(writer: ByteWriter, index: number, change: number): void {
  opIndex(writer, OP.GLOBAL_GET, index);
  constant(writer, change);
  op(writer, OP.I32_ADD);
  opIndex(writer, OP.GLOBAL_SET, index);
}

/** Adds one to a local of 32 bits and leaves on the stack whether it is above `most` then. */
export function countAbove(writer: ByteWriter, local: number, most: number): void {
  opIndex(writer, OP.LOCAL_GET, local);
  constant(writer, 1);
  op(writer, OP.I32_ADD);
  opIndex(writer, OP.LOCAL_TEE, local);
  constant(writer, most);
  op(writer, OP.I32_GT_U);
}

/** Copies values that lie below a condition to locals; all of them stay on the stack. */
export function copyBelow(writer: ByteWriter, scratch: number, locals: readonly number[]): void {
  opIndex(writer, OP.LOCAL_SET, scratch);
  for (const local of locals.toReversed()) opIndex(writer, OP.LOCAL_SET, local);
  for (const local of locals) opIndex(writer, OP.LOCAL_GET, local);
  opIndex(writer, OP.LOCAL_GET, scratch);
}

/** How many labels are between here and the target's; -1 where it has none. */
export function depthOf(labels: readonly number[], target: number): number {
  const position = labels.lastIndexOf(target);
  return position < 0 ? -1 : labels.length - 1 - position;
}

/** Whether an instruction may differ from its original; where locals keep theirs, fewer do. */
export function isRewritten(opcode: number, isOriginal: boolean): boolean {
  switch (opcode) {
    case OP.BLOCK:
    case OP.LOOP:
    case OP.IF:
    case OP.END:
    case OP.BR:
    case OP.BR_IF:
    case OP.BR_TABLE:
    case OP.RETURN:
      return true;
    case OP.LOCAL_GET:
    case OP.LOCAL_SET:
    case OP.LOCAL_TEE:
      return !isOriginal;
    default:
      return false;
  }
}
