import { W } from "../wasm/index.ts";
import { trim } from "./arithmetic.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { FAULT } from "./module-scope.ts";
import { signExtend } from "./moves.ts";

const RAX = 0;
const RDX = 2;

/** Flags of a multiplication: C and O are `on`, an i32 on the stack; the rest has no meaning. */
function setOverflow(emitter: Emitter, result: number, size: number): void {
  const { code, flags, live } = emitter;
  code.set(flags.carry).get(flags.carry).set(flags.overflow).i32(0).set(flags.adjust);
  code.get(result);
  trim(emitter, size);
  code.set(flags.first(size));
  flags.set(live === 0 ? "none" : "result", size);
}

/** mul and imul of the accumulator; imul of two or three operands. */
function multiply(signed: boolean): Handler {
  return (emitter) => {
    const explicit = emitter.form.operands.filter(({ implicit }) => !implicit);
    if (explicit.length > 1) multiplyInto(emitter);
    else if (emitter.size === 8) multiplyWide(emitter, signed);
    else multiplyAccumulator(emitter, signed);
  };
}

/** Pushes an operand of at most four bytes, extended to 64 bits. */
function pushExtended(emitter: Emitter, push: () => void, size: number, signed: boolean): void {
  push();
  if (signed) signExtend(emitter, size, 8);
  else emitter.code.op(W.I64_EXTEND_U);
}

function multiplyAccumulator(emitter: Emitter, signed: boolean): void {
  const { code } = emitter;
  const from = emitter.operand(0);
  const size = emitter.sizeOf(from);
  const product = emitter.int("a", 8);
  pushExtended(emitter, () => emitter.load(from, size), size, signed);
  pushExtended(emitter, () => emitter.getRegister(RAX, size), size, signed);
  code.i64op("MUL").tee(product).op(W.I32_WRAP);
  if (size === 1) {
    code.i32(0xffff).i32op("AND");
    emitter.setRegister(RAX, 2);
  } else {
    trim(emitter, size);
    emitter.setRegister(RAX, size);
    code
      .get(product)
      .i64(size * 8)
      .i64op("SHR_U")
      .op(W.I32_WRAP);
    trim(emitter, size);
    emitter.setRegister(RDX, size);
  }
  if (emitter.live === 0) return;
  pushOverflow(emitter, product, size, signed);
  const result = emitter.int("b", 4);
  code.get(product).op(W.I32_WRAP).set(result);
  setOverflow(emitter, result, size);
}

/** Pushes whether a product of 64 bits does not fit into the operand's size. */
function pushOverflow(emitter: Emitter, product: number, size: number, signed: boolean): void {
  const { code } = emitter;
  code.get(product).op(W.I32_WRAP);
  if (size < 4 && !signed) trim(emitter, size);
  if (signed) signExtend(emitter, size, 8);
  else code.op(W.I64_EXTEND_U);
  code.get(product).i64op("NE");
}

function multiplyWide(emitter: Emitter, signed: boolean): void {
  const { code, live } = emitter;
  const [a, b] = [emitter.int("a", 8), emitter.int("b", 8)];
  const high = emitter.int("c", 8);
  emitter.load(emitter.operand(0), 8);
  code.set(b);
  emitter.getRegister(RAX, 8);
  code.set(a).get(a).get(b).i64op("MUL");
  emitter.setRegister(RAX, 8);
  pushHigh(emitter, a, b, signed);
  code.tee(high);
  emitter.setRegister(RDX, 8);
  if (live === 0) return;
  code.get(high);
  if (signed) {
    code.get(a).get(b).i64op("MUL").i64(63).i64op("SHR_S", "NE");
  } else code.i64(0).i64op("NE");
  code.get(a).get(b).i64op("MUL").set(a);
  setOverflow(emitter, a, 8);
}

/** Pushes the high half of a product of two locals. */
function pushHigh(emitter: Emitter, a: number, b: number, signed: boolean): void {
  const { code } = emitter;
  code.get(a).get(b).call(emitter.module.helper("multiplyHigh"));
  if (!signed) return;
  code.get(a).i64(63).i64op("SHR_S").get(b).i64op("AND", "SUB");
  code.get(b).i64(63).i64op("SHR_S").get(a).i64op("AND", "SUB");
}

/** imul with a destination of its own: the high half is lost. */
function multiplyInto(emitter: Emitter): void {
  const { code, live } = emitter;
  const { operands } = emitter.form;
  const to = emitter.operand(0);
  const left = operands.length === 3 ? emitter.operand(1) : to;
  const right = operands.length === 3 ? emitter.operand(2) : emitter.operand(1);
  const { size } = emitter;
  if (live === 0) {
    emitter.load(left, size);
    emitter.load(right, size);
    code.int("MUL", size);
    trim(emitter, size);
    emitter.storeEnd(to, 0, size);
    return;
  }
  if (size === 8) {
    const [a, b] = [emitter.int("a", 8), emitter.int("b", 8)];
    emitter.load(left, 8);
    code.set(a);
    emitter.load(right, 8);
    code.set(b).get(a).get(b).i64op("MUL");
    emitter.storeEnd(to, 0, 8);
    pushHigh(emitter, a, b, true);
    code.get(a).get(b).i64op("MUL").tee(a).i64(63).i64op("SHR_S", "NE");
    setOverflow(emitter, a, 8);
    return;
  }
  const product = emitter.int("a", 8);
  pushExtended(emitter, () => emitter.load(left, size), size, true);
  pushExtended(emitter, () => emitter.load(right, size), size, true);
  code.i64op("MUL").tee(product).op(W.I32_WRAP);
  trim(emitter, size);
  emitter.storeEnd(to, 0, size);
  pushOverflow(emitter, product, size, true);
  const result = emitter.int("b", 4);
  code.get(product).op(W.I32_WRAP).set(result);
  setOverflow(emitter, result, size);
}

/** Faults if the condition on the stack holds. */
function faultIf(emitter: Emitter): void {
  emitter.code.if();
  emitter.fault(FAULT.DIVIDE);
  emitter.code.end();
}

function divide(signed: boolean): Handler {
  return (emitter) => {
    const size = emitter.sizeOf(emitter.operand(0));
    if (size === 8) divideWide(emitter, signed);
    else divideNarrow(emitter, signed, size);
    emitter.flags.set(emitter.live === 0 ? "none" : "bits");
  };
}

/** Division of twice `size` bytes by `size` bytes, in 64 bits. */
function divideNarrow(emitter: Emitter, signed: boolean, size: number): void {
  const { code } = emitter;
  const [dividend, divisor] = [emitter.int("a", 8), emitter.int("b", 8)];
  const quotient = emitter.int("c", 8);
  const bits = size * 8;
  pushExtended(emitter, () => emitter.load(emitter.operand(0), size), size, signed);
  code.tee(divisor).i64op("EQZ");
  faultIf(emitter);
  emitter.getRegister(RAX, size === 1 ? 2 : size);
  code.op(W.I64_EXTEND_U);
  if (size > 1) {
    emitter.getRegister(RDX, size);
    code.op(W.I64_EXTEND_U).i64(bits).i64op("SHL", "OR");
  }
  if (signed && size === 1) code.i64op("EXTEND16_S");
  if (signed && size === 2) code.op(W.I64_EXTEND32_S);
  code.set(dividend);
  if (signed && size === 4) {
    code.get(dividend).i64(0, 0x8000_0000).i64op("EQ");
    code.get(divisor).i64(-1).i64op("EQ").i32op("AND");
    faultIf(emitter);
  }
  code
    .get(dividend)
    .get(divisor)
    .i64op(signed ? "DIV_S" : "DIV_U")
    .tee(quotient);
  if (signed) {
    code
      .i64(64 - bits)
      .i64op("SHL")
      .i64(64 - bits)
      .i64op("SHR_S")
      .get(quotient)
      .i64op("NE");
  } else code.i64(bits).i64op("SHR_U").i64(0).i64op("NE");
  faultIf(emitter);
  code
    .get(dividend)
    .get(divisor)
    .i64op(signed ? "REM_S" : "REM_U")
    .op(W.I32_WRAP);
  trim(emitter, size);
  if (size === 1) {
    code.i32(8).i32op("SHL").get(quotient).op(W.I32_WRAP).i32(0xff).i32op("AND", "OR");
    emitter.setRegister(RAX, 2);
    return;
  }
  emitter.setRegister(RDX, size);
  code.get(quotient).op(W.I32_WRAP);
  trim(emitter, size);
  emitter.setRegister(RAX, size);
}

/** Division of 128 bits: mostly the high half only repeats the sign, or is zero. */
function divideWide(emitter: Emitter, signed: boolean): void {
  const { code, module } = emitter;
  const [low, high] = [emitter.register(RAX), emitter.register(RDX)];
  const [divisor, quotient] = [emitter.int("b", 8), emitter.int("c", 8)];
  emitter.load(emitter.operand(0), 8);
  code.tee(divisor).i64op("EQZ");
  faultIf(emitter);
  code.get(high);
  if (signed) code.get(low).i64(63).i64op("SHR_S", "EQ");
  else code.i64op("EQZ");
  code.if();
  if (signed) {
    code.get(low).i64(0, 0x8000_0000).i64op("EQ").get(divisor).i64(-1).i64op("EQ").i32op("AND");
    faultIf(emitter);
  }
  code
    .get(low)
    .get(divisor)
    .i64op(signed ? "DIV_S" : "DIV_U")
    .set(quotient);
  code
    .get(low)
    .get(divisor)
    .i64op(signed ? "REM_S" : "REM_U")
    .set(high);
  code.get(quotient).set(low).else();
  const fits = emitter.int("carry", 4);
  code.get(high).get(low).get(divisor);
  code.call(module.helper(signed ? "divideSigned" : "divideUnsigned")).set(fits);
  code.set(high).set(low).get(fits).i32op("EQZ");
  faultIf(emitter);
  code.end();
}

/** Products and quotients. */
export const MULTIPLY: Handlers = {
  "mul*": multiply(false),
  "imul*": multiply(true),
  "div*": divide(false),
  "idiv*": divide(true),
};
