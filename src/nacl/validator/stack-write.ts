import type { Instructions } from "../x86/index.ts";
import {
  ADD_TO_REG,
  ADD_TO_RM,
  AND_SIGNED_BYTE,
  LEA,
  MOV_TO_REG,
  MOV_TO_RM,
  OR_TO_REG,
  OR_TO_RM,
} from "./form-rules.ts";
import { R15, RBP, RSP } from "./registers.ts";

/** How an instruction writes rbp or rsp in an allowed way. */
export const STACK_WRITE = {
  /** Not at all. */
  none: 0,
  /** By itself, as `mov %rsp,%rbp`. */
  plain: 1,
  /** As the second half of a pair: the 32-bit write of the same register comes directly before. */
  fixesRbp: 2,
  fixesRsp: 3,
} as const;

/** REX.W alone: the only prefix with which `and $imm8,%rsp` is accepted. */
const REX_W_ONLY = 0x48;

/** What the instruction is of `STACK_WRITE`. All of them have the operand size 8. */
export function stackWriteOf(bytes: Uint8Array, code: Instructions, slot: number): number {
  if (code.size[slot] !== 8) return STACK_WRITE.none;
  const reg = code.reg[slot] ?? 0;
  const rm = code.rm[slot] ?? 0;
  switch (code.form[slot]) {
    case ADD_TO_RM:
      return reg === R15 ? fixOf(rm, true) : STACK_WRITE.none;
    case ADD_TO_REG:
      return rm === R15 ? fixOf(reg, true) : STACK_WRITE.none;
    case OR_TO_RM:
      return reg === R15 ? fixOf(rm, false) : STACK_WRITE.none;
    case OR_TO_REG:
      return rm === R15 ? fixOf(reg, false) : STACK_WRITE.none;
    case LEA:
      return addsBase(code, slot) && code.base[slot] === reg ? fixOf(reg, true) : STACK_WRITE.none;
    case MOV_TO_RM:
    case MOV_TO_REG:
      return reg + rm === RSP + RBP && (reg === RSP || reg === RBP)
        ? STACK_WRITE.plain
        : STACK_WRITE.none;
    case AND_SIGNED_BYTE:
      return rm === RSP && (code.imm[slot] ?? 0) < 0 && rexOf(bytes, code, slot) === REX_W_ONLY
        ? STACK_WRITE.plain
        : STACK_WRITE.none;
    default:
      return STACK_WRITE.none;
  }
}

function fixOf(register: number, isForRbpToo: boolean): number {
  if (register === RSP) return STACK_WRITE.fixesRsp;
  return register === RBP && isForRbpToo ? STACK_WRITE.fixesRbp : STACK_WRITE.none;
}

/** Whether a lea adds r15, and nothing but r15, to its base. */
function addsBase(code: Instructions, slot: number): boolean {
  return code.index[slot] === R15 && code.scale[slot] === 0 && code.disp[slot] === 0;
}

/** The REX prefix of an instruction that has no other prefix. */
function rexOf(bytes: Uint8Array, code: Instructions, slot: number): number {
  return bytes[code.offset[slot] ?? 0] ?? 0;
}
