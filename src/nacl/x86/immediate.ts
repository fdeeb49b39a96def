import { FACTS, IMMEDIATES } from "./facts.ts";
import type { Instructions } from "./instructions.ts";

const BYTE = IMMEDIATES.indexOf("byte");
const SIGNED = IMMEDIATES.indexOf("signed");
const WORD = IMMEDIATES.indexOf("word");
const FULL = IMMEDIATES.indexOf("full");
const PAIR = IMMEDIATES.indexOf("pair");
const REGISTER = IMMEDIATES.indexOf("register");
const NEAR = IMMEDIATES.indexOf("near");

const { immediate: FORM_IMMEDIATES } = FACTS;

/** Reads the immediate operand at `at`; returns the place behind it, negative where it is wrong. */
export function readImmediate(
  bytes: Uint8Array,
  at: number,
  form: number,
  out: Instructions,
  slot: number,
): number {
  const kind = FORM_IMMEDIATES[form] ?? 0;
  if (kind === 0) return put(out, slot, 0, 0, at);
  const first = bytes[at] ?? 0;
  if (kind === SIGNED || kind === NEAR) {
    const value = (first << 24) >> 24;
    return put(out, slot, value, value >> 31, at + 1);
  }
  if (kind === BYTE) return put(out, slot, first, 0, at + 1);
  const size = out.size[slot] ?? 0;
  if (size === 2 && (kind === WORD || kind === FULL)) {
    const value = (first | ((bytes[at + 1] ?? 0) << 8)) << 16;
    return put(out, slot, value >> 16, value >> 31, at + 2);
  }
  if (kind === PAIR) return put(out, slot, first, bytes[at + 1] ?? 0, at + 2);
  if (kind === REGISTER) {
    return put(out, slot, first >> 4, 0, (first & 15) === 0 ? at + 1 : -1);
  }
  const value = word(bytes, at);
  if (kind === FULL && size === 8) return put(out, slot, value, word(bytes, at + 4), at + 8);
  return put(out, slot, value, value >> 31, at + 4);
}

function put(out: Instructions, slot: number, imm: number, immHigh: number, end: number): number {
  out.imm[slot] = imm;
  out.immHigh[slot] = immHigh;
  return end;
}

function word(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
