import type { Emitter } from "./emitter.ts";

/** A shift count: a constant that is not zero, or a local of the operand's type. */
export type Count =
  | { readonly constant: number }
  | { readonly constant: undefined; readonly local: number };

/** Pushes the count as the operand's type. */
export function pushCount(emitter: Emitter, count: Count, size: number): void {
  if (count.constant !== undefined) emitter.code.constant(count.constant, size);
  else emitter.code.get(count.local);
}

/** Reads the count of a shift; undefined where it is the constant 0, which changes no flag. */
export function countOf(emitter: Emitter, operand: number, size: number): Count | undefined {
  const { code } = emitter;
  const from = emitter.operand(operand);
  const mask = size === 8 ? 63 : 31;
  if (from.kind === "one") return { constant: 1 };
  if (from.kind === "immediate") {
    const constant = emitter.imm & mask;
    return constant === 0 ? undefined : { constant };
  }
  const local = emitter.int("count", size);
  emitter.getRegister(1, size === 8 ? 8 : 4);
  code.constant(mask, size).int("AND", size).set(local);
  return { constant: undefined, local };
}

/** A 32-bit destination is written even where the count is 0, and so loses its upper half. */
export function rewrite(emitter: Emitter, size: number): void {
  const to = emitter.operand(0);
  emitter.fixAddress(to);
  const offset = emitter.storeBegin(to);
  emitter.load(to, size);
  emitter.storeEnd(to, offset, size);
}

/**
 * Puts the flags into bits where the count may be zero, so that they stay as they were.
 * @param write leaves the new flags as bits on the stack.
 */
export function flagsIfCounted(
  emitter: Emitter,
  count: Count,
  size: number,
  changed: number,
  write: () => void,
): void {
  const { code, flags, live } = emitter;
  if (live === 0) {
    flags.set("none");
    return;
  }
  flags.materialise(live);
  if (flags.kind !== "bits") flags.set("bits");
  if (count.constant === undefined) {
    code.get(count.local);
    if (size === 8) code.i64(0).i64op("NE");
    code.if();
  }
  code.get(flags.bits).i32(~changed).i32op("AND");
  write();
  code.i32op("OR").set(flags.bits);
  if (count.constant === undefined) code.end();
}
