import { FLAG } from "../../x86/index.ts";
import { W } from "../wasm/index.ts";
import { pushSignBit, trim } from "./arithmetic.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { signExtend } from "./moves.ts";

const { C, A, O } = FLAG;

/** A shift count: a constant that is not zero, or a local of the operand's type. */
type Count =
  | { readonly constant: number }
  | { readonly constant: undefined; readonly local: number };

/** Pushes the count as the operand's type. */
function pushCount(emitter: Emitter, count: Count, size: number): void {
  if (count.constant !== undefined) emitter.code.constant(count.constant, size);
  else emitter.code.get(count.local);
}

/** Reads the count of a shift; undefined where it is the constant 0, which changes no flag. */
function countOf(emitter: Emitter, operand: number, size: number): Count | undefined {
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
function rewrite(emitter: Emitter, size: number): void {
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
function flagsIfCounted(
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

type ShiftName = "SHL" | "SHR_U" | "SHR_S";

/** Pushes the last bit that is shifted out of `value`, as 0 or 1. */
function pushShiftedOut(
  emitter: Emitter,
  name: ShiftName,
  value: number,
  count: Count,
  size: number,
): void {
  const { code } = emitter;
  code.get(value);
  if (name === "SHL") {
    if (size < 8) {
      code.op(W.I64_EXTEND_U);
      pushCount(emitter, count, size);
      code
        .op(W.I64_EXTEND_U)
        .i64op("SHL")
        .i64(size * 8)
        .i64op("SHR_U")
        .op(W.I32_WRAP);
    } else {
      code.i64(0);
      pushCount(emitter, count, 8);
      code.i64op("SUB", "SHR_U").op(W.I32_WRAP);
    }
  } else {
    if (name === "SHR_S") signExtend(emitter, size, Math.max(4, size));
    pushCount(emitter, count, size);
    code.constant(1, size).int("SUB", size).int(name, size);
    if (size === 8) code.op(W.I32_WRAP);
  }
  code.i32(1).i32op("AND");
}

function shift(name: ShiftName): Handler {
  return (emitter) => {
    const { code, flags, live } = emitter;
    const to = emitter.operand(0);
    const size = emitter.sizeOf(to);
    const count = countOf(emitter, 1, size);
    if (count === undefined) {
      rewrite(emitter, size);
      return;
    }
    const constant = count.constant !== undefined;
    if (!constant && live !== 0) flags.materialise(live);
    const value = emitter.int("a", size);
    const result = flags.first(size);
    emitter.fixAddress(to);
    const offset = emitter.storeBegin(to);
    emitter.load(to, size);
    code.tee(value);
    if (name === "SHR_S") signExtend(emitter, size, Math.max(4, size));
    pushCount(emitter, count, size);
    code.int(name, size);
    trim(emitter, size);
    if (live !== 0) code.tee(result);
    emitter.storeEnd(to, offset, size);
    const flagsOfResult = () => {
      if (live & C) {
        pushShiftedOut(emitter, name, value, count, size);
        code.set(flags.carry);
      }
      if (live & O) {
        pushShiftOverflow(emitter, name, value, count, size);
        code.set(flags.overflow);
      }
      if (live & A) code.i32(0).set(flags.adjust);
      flags.set("result", size);
    };
    if (constant) {
      if (live === 0) flags.set("none");
      else flagsOfResult();
      return;
    }
    flagsIfCounted(emitter, count, size, -1, () => {
      flagsOfResult();
      flags.push(live);
      flags.set("bits");
    });
  };
}

/** O as it is for a count of 1; for others it has no meaning. */
function pushShiftOverflow(
  emitter: Emitter,
  name: ShiftName,
  value: number,
  count: Count,
  size: number,
): void {
  const { code, flags } = emitter;
  if (name === "SHR_S") {
    code.i32(0);
    return;
  }
  code.get(name === "SHL" ? flags.first(size) : value);
  pushSignBit(emitter, size);
  code.int("AND", size).constant(0, size).int("NE", size);
  if (name !== "SHL") return;
  pushShiftedOut(emitter, name, value, count, size);
  code.i32op("XOR");
}

/** rol and ror. */
function rotate(left: boolean): Handler {
  return (emitter) => {
    const { code, live } = emitter;
    const to = emitter.operand(0);
    const size = emitter.sizeOf(to);
    const count = countOf(emitter, 1, size);
    if (count === undefined) {
      rewrite(emitter, size);
      return;
    }
    const result = emitter.int("b", size);
    emitter.fixAddress(to);
    const offset = emitter.storeBegin(to);
    emitter.load(to, size);
    if (size >= 4) {
      pushCount(emitter, count, size);
      code.int(left ? "ROTL" : "ROTR", size);
    } else rotateSmall(emitter, left, count, size);
    code.tee(result);
    emitter.storeEnd(to, offset, size);
    flagsIfCounted(emitter, count, size, C | O, () => {
      const bit = (at: number) => {
        code.get(result).constant(at, size).int("SHR_U", size);
        if (size === 8) code.op(W.I32_WRAP);
        code.i32(1).i32op("AND");
      };
      const top = size * 8 - 1;
      bit(left ? 0 : top);
      bit(top);
      bit(left ? 0 : top - 1);
      code.i32op("XOR").i32(5).i32op("SHL", "OR").i32(live).i32op("AND");
    });
  };
}

/** Rotates the value on the stack, of one or two bytes: its copies side by side are shifted. */
function rotateSmall(emitter: Emitter, left: boolean, count: Count, size: number): void {
  const { code } = emitter;
  const bits = size * 8;
  const value = emitter.int("c", 4);
  code.set(value).get(value).i32(bits).i32op("SHL").get(value).i32op("OR");
  pushCount(emitter, count, 4);
  code.i32(bits - 1).i32op("AND");
  if (left) code.set(value).i32(bits).get(value).i32op("SUB");
  code.i32op("SHR_U");
  trim(emitter, size);
}

/** rcl and rcr: a rotation of one bit more than the operand has, by one step at a time. */
function rotateCarry(left: boolean): Handler {
  return (emitter) => {
    const { code, flags, live } = emitter;
    const to = emitter.operand(0);
    const size = emitter.sizeOf(to);
    const count = countOf(emitter, 1, size);
    if (count === undefined) {
      rewrite(emitter, size);
      return;
    }
    const bits = size * 8;
    const value = emitter.int("a", size);
    const carry = emitter.int("carry", 4);
    const out = emitter.int("b", 4);
    const steps = emitter.int("steps", 4);
    flags.pushCarry();
    code.set(carry);
    emitter.fixAddress(to);
    emitter.load(to, size);
    code.set(value);
    pushCount(emitter, count, size);
    if (size === 8) code.op(W.I32_WRAP);
    code.set(steps).block().loop();
    code.get(steps).i32op("EQZ").brIf(1);
    code
      .get(value)
      .constant(left ? bits - 1 : 0, size)
      .int("SHR_U", size);
    if (size === 8) code.op(W.I32_WRAP);
    code.i32(1).i32op("AND").set(out).get(value).constant(1, size);
    code.int(left ? "SHL" : "SHR_U", size).get(carry);
    if (size === 8) code.op(W.I64_EXTEND_U);
    if (!left) code.constant(bits - 1, size).int("SHL", size);
    code.int("OR", size);
    trim(emitter, size);
    code.set(value).get(out).set(carry);
    code.get(steps).i32(1).i32op("SUB").set(steps).br(0).end().end();
    const offset = emitter.storeBegin(to);
    code.get(value);
    emitter.storeEnd(to, offset, size);
    flagsIfCounted(emitter, count, size, C | O, () => {
      const bit = (at: number) => {
        code.get(value).constant(at, size).int("SHR_U", size);
        if (size === 8) code.op(W.I32_WRAP);
        code.i32(1).i32op("AND");
      };
      code.get(carry);
      bit(bits - 1);
      if (left) code.get(carry);
      else bit(bits - 2);
      code.i32op("XOR").i32(5).i32op("SHL", "OR").i32(live).i32op("AND");
    });
  };
}

/** shld and shrd: the bits that come in are those of the second operand. */
function shiftDouble(left: boolean): Handler {
  return (emitter) => {
    const { code, flags, live } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.sizeOf(to);
    const count = countOf(emitter, 2, size);
    if (count === undefined) {
      rewrite(emitter, size);
      return;
    }
    if (count.constant === undefined && live !== 0) flags.materialise(live);
    const value = emitter.int("a", size);
    const result = flags.first(size);
    emitter.fixAddress(to);
    emitter.load(to, size);
    code.set(value);
    const offset = emitter.storeBegin(to);
    code.get(value);
    if (size === 8) shiftDoubleWide(emitter, left, count);
    else {
      emitter.load(from, size);
      shiftDoubleNarrow(emitter, left, count, size);
    }
    code.tee(result);
    emitter.storeEnd(to, offset, size);
    const newFlags = () => {
      if (live & C) {
        pushShiftedOut(emitter, left ? "SHL" : "SHR_U", value, count, size);
        code.set(flags.carry);
      }
      code.get(value).get(result).int("XOR", size);
      pushSignBit(emitter, size);
      code.int("AND", size).constant(0, size).int("NE", size).set(flags.overflow);
      code.i32(0).set(flags.adjust);
      flags.set("result", size);
    };
    if (count.constant !== undefined) {
      if (live === 0) flags.set("none");
      else newFlags();
      return;
    }
    flagsIfCounted(emitter, count, size, -1, () => {
      newFlags();
      flags.push(live);
      flags.set("bits");
    });
  };
}

/** On the stack: destination. A count of zero leaves it. */
function shiftDoubleWide(emitter: Emitter, left: boolean, count: Count): void {
  const { code } = emitter;
  pushCount(emitter, count, 8);
  code.i64op(left ? "SHL" : "SHR_U");
  emitter.load(emitter.operand(1), 8);
  // In two steps, as 64 less a count of zero is too much for one.
  code
    .i64(1)
    .i64op(left ? "SHR_U" : "SHL")
    .i64(63);
  pushCount(emitter, count, 8);
  code.i64op("SUB").i64op(left ? "SHR_U" : "SHL", "OR");
}

/** On the stack: destination and source of at most four bytes. */
function shiftDoubleNarrow(emitter: Emitter, left: boolean, count: Count, size: number): void {
  const { code } = emitter;
  const bits = size * 8;
  const source = emitter.int("c", 4);
  code.set(source);
  if (left) {
    code.op(W.I64_EXTEND_U).i64(bits).i64op("SHL").get(source).op(W.I64_EXTEND_U).i64op("OR");
    pushCount(emitter, count, 4);
    code.op(W.I64_EXTEND_U).i64op("SHL").i64(bits).i64op("SHR_U");
  } else {
    code.op(W.I64_EXTEND_U).get(source).op(W.I64_EXTEND_U).i64(bits).i64op("SHL", "OR");
    pushCount(emitter, count, 4);
    code.op(W.I64_EXTEND_U).i64op("SHR_U");
  }
  code.op(W.I32_WRAP);
  trim(emitter, size);
}

/** Shifts and rotations. */
export const SHIFTS: Handlers = {
  "shl*": shift("SHL"),
  "shr*": shift("SHR_U"),
  "sar*": shift("SHR_S"),
  "rol*": rotate(true),
  "ror*": rotate(false),
  "rcl*": rotateCarry(true),
  "rcr*": rotateCarry(false),
  "shld*": shiftDouble(true),
  "shrd*": shiftDouble(false),
};
