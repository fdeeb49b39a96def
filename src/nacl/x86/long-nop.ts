import { FORMS } from "./forms.ts";
import { type Instructions, NO_REGISTER } from "./instructions.ts";

const OPERAND_SIZE_PREFIX = 0x66;
const PREFIXES_MAX = 6;

/** What follows the prefixes 66 of the longest accepted nops: `nopw %cs:0x0(%rax,%rax,1)`. */
const LONG_TAIL = [0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0];

/** Number of the form that all nops with the prefix 66 have. */
const LONG_NOP = FORMS.findIndex((form) => form.marks.has("fixed-nop"));

/**
 * Decodes a nop of one to six prefixes 66 and one 2E at `start` as `Decoder.decode` does, and
 * returns 0 where there is none.
 */
export function decodeLongNop(
  bytes: Uint8Array,
  start: number,
  limit: number,
  out: Instructions,
  slot: number,
): number {
  const length = longNopLength(bytes, start);
  if (length === 0 || start + length > limit) return 0;
  out.offset[slot] = start;
  out.length[slot] = length;
  out.form[slot] = LONG_NOP;
  out.size[slot] = 2;
  out.prefixes[slot] = 0;
  out.reg[slot] = 0;
  out.rm[slot] = NO_REGISTER;
  out.vvvv[slot] = NO_REGISTER;
  out.base[slot] = 0;
  out.index[slot] = 0;
  out.scale[slot] = 0;
  out.disp[slot] = 0;
  out.imm[slot] = 0;
  out.immHigh[slot] = 0;
  return length;
}

function longNopLength(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at - start < PREFIXES_MAX && bytes[at] === OPERAND_SIZE_PREFIX) at++;
  if (at === start || LONG_TAIL.some((byte, index) => bytes[at + index] !== byte)) return 0;
  return at + LONG_TAIL.length - start;
}

/** Whether the bytes from modrm on are one of the two accepted operands of `nopw`. */
export function isZeroNop(bytes: Uint8Array, modrm: number): boolean {
  const zeros = bytes[modrm] === 0x44 ? 2 : bytes[modrm] === 0x84 ? 5 : 0;
  if (zeros === 0) return false;
  for (let at = 1; at <= zeros; at++) if (bytes[modrm + at] !== 0) return false;
  return true;
}
