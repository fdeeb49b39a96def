import { FORMS } from "./forms.ts";

const OPERAND_SIZE_PREFIX = 0x66;
const PREFIXES_MAX = 6;

/** What follows the prefixes 66 of the longest accepted nops: `nopw %cs:0x0(%rax,%rax,1)`. */
const LONG_TAIL = [0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0];

/** Number of the form that all nops with the prefix 66 have. */
export const LONG_NOP = FORMS.findIndex((form) => form.marks.has("fixed-nop"));

/** Length of the nop of one to six prefixes 66 and one 2E at `start`, or 0 where there is none. */
export function longNopLength(bytes: Uint8Array, start: number): number {
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
