import { FLAG } from "../../x86/index.ts";
import { W } from "../wasm/index.ts";
import { pushSignBit, trim } from "./arithmetic.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { signExtend } from "./moves.ts";
import { type Count, countOf, flagsIfCounted, pushCount, rewrite } from "./shift-count.ts";

const { C, A, O } = FLAG;

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

/** Shifts. */
export const SHIFTS: Handlers = {
  "shl*": shift("SHL"),
  "shr*": shift("SHR_U"),
  "sar*": shift("SHR_S"),
  "shld*": shiftDouble(true),
  "shrd*": shiftDouble(false),
};
