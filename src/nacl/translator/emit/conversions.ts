import { V, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { loadScalar, loadVector, storeScalar, storeVectorRegister, vectorLocal } from "./vector.ts";
import { scalarLocal } from "./vector-floats.ts";

/** Bytes of powers of two as constants. */
const F32_2_31 = [0x43, 0, 0, 0, 0x4f];
const F32_2_63 = [0x43, 0, 0, 0, 0x5f];
const F64_2_31 = [0x44, 0, 0, 0, 0, 0, 0, 0xe0, 0x41];
const F64_2_63 = [0x44, 0, 0, 0, 0, 0, 0, 0xe0, 0x43];
const F32_NEGATE = 0x8c;
const F64_NEGATE = 0x9a;

/** Integer to the lowest lane. */
function fromInteger(double: boolean): Handler {
  return (emitter) => {
    const { code, size } = emitter;
    storeScalar(emitter, emitter.operand(0), double, () => {
      emitter.load(emitter.operand(1), size);
      if (size === 8) code.op(double ? W.F64_CONVERT_I64_S : W.F32_CONVERT_I64_S);
      else code.op(double ? W.F64_CONVERT_I32_S : W.F32_CONVERT_I32_S);
    });
  };
}

/** Takes a scalar off the stack and pushes an integer: what does not fit is the lowest number. */
function pushInteger(emitter: Emitter, double: boolean, round: boolean, size: number): void {
  const { code } = emitter;
  const value = scalarLocal(emitter, "a", double);
  if (round) code.op(double ? W.F64_NEAREST : W.F32_NEAREST);
  else code.op(double ? 0x9d : 0x8f);
  code.set(value).get(value);
  code.bulk((size === 8 ? 4 : 0) + (double ? 2 : 0));
  if (size === 8) code.i64(0, 0x8000_0000);
  else code.i32(0x8000_0000);
  const limit = double ? (size === 8 ? F64_2_63 : F64_2_31) : size === 8 ? F32_2_63 : F32_2_31;
  code
    .get(value)
    .op(...limit)
    .op(double ? W.F64_LT : W.F32_LT);
  code
    .get(value)
    .op(...limit)
    .op(double ? F64_NEGATE : F32_NEGATE);
  code
    .op(double ? W.F64_GE : W.F32_GE)
    .i32op("AND")
    .select();
}

function toInteger(double: boolean, round: boolean): Handler {
  return (emitter) => {
    const { size } = emitter;
    loadScalar(emitter, emitter.operand(1), double);
    pushInteger(emitter, double, round, size);
    emitter.storeEnd(emitter.operand(0), 0, size);
  };
}

/** Four singles to integers. */
function singlesToIntegers(round: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const value = vectorLocal(emitter, "a");
    loadVector(emitter, emitter.operand(1));
    if (round) code.vector(V.F32X4_NEAREST);
    code.tee(value).vector(V.I32X4_TRUNC_SAT_F32X4);
    code
      .get(value)
      .op(...F32_2_31)
      .vector(V.F32X4_SPLAT)
      .vector(V.F32X4_GE)
      .vector(V.XOR);
    code.i32(0x8000_0000).vector(V.I32X4_SPLAT).get(value).get(value).vector(V.F32X4_NE);
    code.vector(V.AND).vector(V.OR);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Two doubles to integers, in the lower half. */
function doublesToIntegers(round: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const [value, result] = [vectorLocal(emitter, "a"), vectorLocal(emitter, "b")];
    loadVector(emitter, emitter.operand(1));
    code.set(value).v128().set(result);
    for (const lane of [0, 1]) {
      code.get(result).get(value).vector(V.F64X2_EXTRACT, lane);
      pushInteger(emitter, true, round, 4);
      code.vector(V.I32X4_REPLACE, lane).set(result);
    }
    code.get(result);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** A scalar that changes its width: a NaN keeps its sign and its highest bits, made quiet. */
function changeWidth(toDouble: boolean): Handler {
  return (emitter) => {
    storeScalar(emitter, emitter.operand(0), toDouble, () => {
      loadScalar(emitter, emitter.operand(1), !toDouble);
      pushOtherWidth(emitter, toDouble);
    });
  };
}

/** Replaces the scalar on the stack by that of the other width. */
function pushOtherWidth(emitter: Emitter, toDouble: boolean): void {
  const { code, module } = emitter;
  const from = scalarLocal(emitter, "a", !toDouble);
  const result = scalarLocal(emitter, "result", toDouble);
  code
    .tee(from)
    .op(toDouble ? W.F64_PROMOTE : W.F32_DEMOTE)
    .set(result);
  code
    .get(from)
    .get(from)
    .op(toDouble ? W.F32_NE : W.F64_NE)
    .if();
  code.get(from).op(toDouble ? W.I32_REINTERPRET : W.I64_REINTERPRET);
  code
    .call(module.helper(toDouble ? "nanPromoted" : "nanDemoted"))
    .set(result)
    .end();
  code.get(result);
}

function changeWidths(toDouble: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const [value, result] = [vectorLocal(emitter, "a"), vectorLocal(emitter, "b")];
    loadVector(emitter, emitter.operand(1));
    code.set(value).v128().set(result);
    for (const lane of [0, 1]) {
      code
        .get(result)
        .get(value)
        .vector(toDouble ? V.F32X4_EXTRACT : V.F64X2_EXTRACT, lane);
      pushOtherWidth(emitter, toDouble);
      code.vector(toDouble ? V.F64X2_REPLACE : V.F32X4_REPLACE, lane).set(result);
    }
    code.get(result);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

function convert(opcode: number): Handler {
  return (emitter) => {
    loadVector(emitter, emitter.operand(1));
    emitter.code.vector(opcode);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** cvtpi2ps: two integers into the lower half, the upper one stays. */
const pairToSingles: Handler = (emitter) => {
  const { code } = emitter;
  loadVector(emitter, emitter.operand(1));
  code.vector(V.F32X4_CONVERT_I32X4);
  loadVector(emitter, emitter.operand(0));
  code.vector(V.SHUFFLE, 0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31);
  storeVectorRegister(emitter, emitter.operand(0));
};

/** Conversions between floats and integers, and of floats. */
export const CONVERSIONS: Handlers = {
  cvtsi2ssl: fromInteger(false),
  cvtsi2sdl: fromInteger(true),
  "cvttss2si*": toInteger(false, false),
  "cvtss2si*": toInteger(false, true),
  "cvttsd2si*": toInteger(true, false),
  "cvtsd2si*": toInteger(true, true),
  cvtps2dq: singlesToIntegers(true),
  cvttps2dq: singlesToIntegers(false),
  cvtps2pi: singlesToIntegers(true),
  cvttps2pi: singlesToIntegers(false),
  cvtpd2dq: doublesToIntegers(true),
  cvttpd2dq: doublesToIntegers(false),
  cvtpd2pi: doublesToIntegers(true),
  cvttpd2pi: doublesToIntegers(false),
  cvtss2sd: changeWidth(true),
  cvtsd2ss: changeWidth(false),
  cvtps2pd: changeWidths(true),
  cvtpd2ps: changeWidths(false),
  cvtdq2ps: convert(V.F32X4_CONVERT_I32X4),
  cvtdq2pd: convert(V.F64X2_CONVERT_LOW_I32X4),
  cvtpi2pd: convert(V.F64X2_CONVERT_LOW_I32X4),
  cvtpi2ps: pairToSingles,
};
