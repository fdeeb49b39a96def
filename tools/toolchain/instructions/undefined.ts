import { FLAG } from "../../../src/nacl/x86/index.ts";
import { RECORD } from "./layout.ts";
import type { Operation } from "./operation.ts";

const { C, A, O } = FLAG;
/** Shifts and rotations, whose flags depend on how far they go. */
const SHIFTS = /^(sh[lr]d?|sar|ro[lr]|rc[lr])\*$/;

/** Flags without a meaning behind an operation that begins in a state, as bits of `FLAG`. */
export function undefinedFlags(operation: Operation, start: DataView): number {
  const { form, size, immediate } = operation;
  const [name = ""] = form.names;
  if (!SHIFTS.test(name)) return form.flagsUndefined;
  const byRegister = form.operands.some(({ kind }) => kind === "rcx");
  const one = form.operands.some(({ kind }) => kind === "one");
  const given = byRegister ? start.getUint8(8) : one ? 1 : (immediate.at(-1) ?? 0);
  const count = given & (size === 8 ? 63 : 31);
  if (count === 0) return 0;
  const rotates = name.startsWith("r");
  let free = rotates ? 0 : A;
  if (count !== 1) free |= O;
  if (!rotates && name !== "sar*" && count >= size * 8) free |= C;
  return free;
}

const APPROXIMATIONS = /^v?(rcp|rsqrt)[ps]s$/;
/** What processors may be wrong by, of a reciprocal. */
const NEAR = 2 ** -10;
const SMALLEST_NORMAL = 2 ** -126;

/**
 * Whether eight bytes of the result are alike where processors themselves differ: approximations
 * of reciprocals agree in some bits, and take or give numbers that are not normal as they like.
 */
export function isNear(
  { form, rm }: Operation,
  start: DataView,
  one: DataView,
  other: DataView,
  at: number,
): boolean {
  if (!APPROXIMATIONS.test(form.names[0] ?? "")) return false;
  const isUpper = at >= RECORD.upper;
  const half = (at - RECORD.xmm) % 16;
  const registers = isUpper ? RECORD.upper : RECORD.xmm;
  const from =
    typeof rm === "object"
      ? RECORD.window + rm.offset + (isUpper ? 16 : 0)
      : registers + 16 * (rm ?? 0);
  return [0, 4].every((lane) => {
    if (one.getUint32(at + lane, true) === other.getUint32(at + lane, true)) return true;
    const [a, b] = [one, other].map((view) => normal(view.getFloat32(at + lane, true)));
    const given = start.getFloat32(from + half + lane, true);
    if (given !== 0 && normal(given) === 0) return true;
    return a !== undefined && b !== undefined && Math.abs(a - b) <= Math.abs(a) * NEAR;
  });
}

function normal(value: number): number {
  return Math.abs(value) < SMALLEST_NORMAL ? 0 : value;
}
