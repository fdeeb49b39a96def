import { FACTS, type Instructions, STRING } from "../x86/index.ts";
import {
  ADD_TO_REG,
  ADD_TO_RM,
  AND_SIGNED_BYTE,
  LEA,
  MOV_TO_REG,
  MOV_TO_RM,
} from "./form-rules.ts";
import { R15, RDI, RSI } from "./registers.ts";

/** The mask that leaves the start of a bundle: 32 bytes. */
const BUNDLE_MASK = -32;

/** Length of `lea (%r15,%rsi,1),%rsi` in its one accepted spelling, which has no displacement. */
const LEA_BYTES = 4;

/**
 * The slot where the superinstruction begins that ends with `slot`, or -1 where there is none.
 * Slots hold the instructions of one bundle from its start on, without a gap.
 */
export function superinstructionStart(code: Instructions, slot: number): number {
  const strings = FACTS.strings[code.form[slot] ?? 0] ?? 0;
  if (strings === 0) return maskedJumpStart(code, slot);
  let start = slot;
  if ((strings & STRING.rdi) !== 0) start = pieceStart(code, start, RDI);
  if ((strings & STRING.rsi) !== 0 && start >= 0) start = pieceStart(code, start, RSI);
  return start;
}

/** `and $-32,%eXX`, `add %r15,%rXX`, and the jump or call through rXX. */
function maskedJumpStart(code: Instructions, slot: number): number {
  const register = code.rm[slot] ?? 0;
  const mask = slot - 2;
  const isMasked =
    mask >= 0 &&
    register !== R15 &&
    addsBase(code, slot - 1, register) &&
    code.form[mask] === AND_SIGNED_BYTE &&
    code.size[mask] === 4 &&
    code.rm[mask] === register &&
    code.imm[mask] === BUNDLE_MASK;
  return isMasked ? mask : -1;
}

function addsBase(code: Instructions, slot: number, register: number): boolean {
  if (code.size[slot] !== 8) return false;
  const form = code.form[slot];
  const { reg, rm } = code;
  if (form === ADD_TO_RM) return reg[slot] === R15 && rm[slot] === register;
  return form === ADD_TO_REG && reg[slot] === register && rm[slot] === R15;
}

/** `mov %esi,%esi` and `lea (%r15,%rsi,1),%rsi` before `end`, or the same for rdi. */
function pieceStart(code: Instructions, end: number, register: number): number {
  const lea = end - 1;
  const mov = end - 2;
  const isPiece =
    mov >= 0 &&
    code.form[lea] === LEA &&
    code.size[lea] === 8 &&
    code.length[lea] === LEA_BYTES &&
    code.reg[lea] === register &&
    code.base[lea] === R15 &&
    code.index[lea] === register &&
    code.scale[lea] === 0 &&
    (code.form[mov] === MOV_TO_RM || code.form[mov] === MOV_TO_REG) &&
    code.size[mov] === 4 &&
    code.rm[mov] === register &&
    code.reg[mov] === register;
  return isPiece ? mov : -1;
}
