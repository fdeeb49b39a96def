import { FLAG } from "../../x86/index.ts";
import { W } from "../wasm/index.ts";
import { trim } from "./arithmetic.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { type Count, countOf, flagsIfCounted, pushCount, rewrite } from "./shift-count.ts";

const { C, O } = FLAG;

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

/** Rotations. */
export const ROTATIONS: Handlers = {
  "rol*": rotate(true),
  "ror*": rotate(false),
  "rcl*": rotateCarry(true),
  "rcr*": rotateCarry(false),
};
