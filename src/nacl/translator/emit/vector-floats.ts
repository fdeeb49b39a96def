import { TYPE } from "../../../wasm/rewrite/index.ts";
import { V, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { pushNanScalar, pushNanVector } from "./nan.ts";
import { loadScalar, loadVector, storeScalar, storeVectorRegister, vectorLocal } from "./vector.ts";
import { takeTwo } from "./vector-integer.ts";

/** Opcodes of one operation: both kinds of vectors and of scalars. */
interface Operation {
  readonly vector: readonly [single: number, double: number];
  readonly scalar: readonly [single: number, double: number];
}

const ADD: Operation = { vector: [V.F32X4_ADD, V.F64X2_ADD], scalar: [0x92, 0xa0] };
const SUB: Operation = { vector: [V.F32X4_SUB, V.F64X2_SUB], scalar: [0x93, 0xa1] };
const MUL: Operation = { vector: [V.F32X4_MUL, V.F64X2_MUL], scalar: [0x94, 0xa2] };
const DIV: Operation = { vector: [V.F32X4_DIV, V.F64X2_DIV], scalar: [0x95, 0xa3] };
const SQRT: Operation = { vector: [V.F32X4_SQRT, V.F64X2_SQRT], scalar: [0x91, 0x9f] };
const ROUND: readonly Operation[] = [
  { vector: [V.F32X4_NEAREST, V.F64X2_NEAREST], scalar: [0x90, 0x9e] },
  { vector: [V.F32X4_FLOOR, V.F64X2_FLOOR], scalar: [0x8e, 0x9c] },
  { vector: [V.F32X4_CEIL, V.F64X2_CEIL], scalar: [0x8d, 0x9b] },
  { vector: [V.F32X4_TRUNC, V.F64X2_TRUNC], scalar: [0x8f, 0x9d] },
];

/** Local for a scalar. */
export function scalarLocal(emitter: Emitter, name: string, double: boolean): number {
  return emitter.scratch(name, double ? TYPE.F64 : TYPE.F32);
}

/**
 * Takes a result off the stack and puts it back with the NaNs of the processor: that of the first
 * operand, else that of the second, made quiet; else one of its own, which is negative.
 */
export function settleVector(emitter: Emitter, a: number, b: number, double: boolean): void {
  const { code, module } = emitter;
  if (!module.exactNans || emitter.defersNans) return;
  const result = vectorLocal(emitter, "result");
  code.tee(result).get(result);
  code
    .vector(double ? V.F64X2_NE : V.F32X4_NE)
    .vector(V.ANY_TRUE)
    .if();
  pushNanVector(code, a, b, result, double);
  code.set(result).end().get(result);
}

/** The same for a scalar, with operands in locals. */
function settleScalar(emitter: Emitter, a: number, b: number, double: boolean): void {
  const { code, module } = emitter;
  if (!module.exactNans || emitter.defersNans) return;
  const result = scalarLocal(emitter, "result", double);
  code
    .tee(result)
    .get(result)
    .op(double ? W.F64_NE : W.F32_NE)
    .if();
  pushNanScalar(code, a, b, double);
  code.set(result).end().get(result);
}

function packed(operation: Operation, double: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    loadVector(emitter, emitter.operand(0));
    loadVector(emitter, emitter.operand(1));
    const [a, b] = takeTwo(emitter);
    code
      .get(a)
      .get(b)
      .vector(operation.vector[double ? 1 : 0]);
    settleVector(emitter, a, b, double);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Writes what `push` makes of two scalars, which are in locals, in place of the first of them. */
export function scalarOfTwo(
  double: boolean,
  push: (emitter: Emitter, a: number, b: number) => void,
): Handler {
  return (emitter) => {
    const { code } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const [a, b] = [scalarLocal(emitter, "a", double), scalarLocal(emitter, "b", double)];
    loadScalar(emitter, to, double);
    code.set(a);
    loadScalar(emitter, from, double);
    code.set(b);
    storeScalar(emitter, to, double, () => push(emitter, a, b));
  };
}

function scalar(operation: Operation, double: boolean): Handler {
  return scalarOfTwo(double, (emitter, a, b) => {
    emitter.code
      .get(a)
      .get(b)
      .op(operation.scalar[double ? 1 : 0]);
    settleScalar(emitter, a, b, double);
  });
}

/** Of one operand: square roots and rounding. */
function packedSingle(operation: (imm: number) => Operation, double: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const a = vectorLocal(emitter, "a");
    loadVector(emitter, emitter.operand(1));
    code.tee(a).vector(operation(emitter.imm).vector[double ? 1 : 0]);
    settleVector(emitter, a, a, double);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

function scalarSingle(operation: (imm: number) => Operation, double: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const a = scalarLocal(emitter, "a", double);
    loadScalar(emitter, emitter.operand(1), double);
    code.set(a);
    storeScalar(emitter, emitter.operand(0), double, () => {
      code.get(a).op(operation(emitter.imm).scalar[double ? 1 : 0]);
      settleScalar(emitter, a, a, double);
    });
  };
}

/** Bit 2 of the constant asks for the mode of MXCSR, which is to the nearest. */
function rounding(imm: number): Operation {
  return ROUND[(imm & 4) !== 0 ? 0 : imm & 3] ?? SQRT;
}

/** Adds neighbours, or subtracts: even and odd lanes are gathered first. */
function horizontal(operation: Operation, double: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    loadVector(emitter, emitter.operand(0));
    loadVector(emitter, emitter.operand(1));
    const [a, b] = takeTwo(emitter);
    const [even, odd] = [vectorLocal(emitter, "even"), vectorLocal(emitter, "odd")];
    const width = double ? 8 : 4;
    for (const [start, local] of [
      [0, even],
      [width, odd],
    ] as const) {
      const bytes: number[] = [];
      for (let at = start; at < 32; at += 2 * width) {
        for (let byte = 0; byte < width; byte++) bytes.push(at + byte);
      }
      code
        .get(a)
        .get(b)
        .vector(V.SHUFFLE, ...bytes)
        .set(local);
    }
    code
      .get(even)
      .get(odd)
      .vector(operation.vector[double ? 1 : 0]);
    settleVector(emitter, even, odd, double);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** addsub: the even lanes are subtracted, the odd ones added. */
function alternating(double: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    loadVector(emitter, emitter.operand(0));
    loadVector(emitter, emitter.operand(1));
    const [a, b] = takeTwo(emitter);
    const kind = double ? 1 : 0;
    const width = double ? 8 : 4;
    const bytes = Array.from({ length: 16 }, (_, at) =>
      Math.floor(at / width) % 2 === 0 ? at : 16 + at,
    );
    code.get(a).get(b).vector(SUB.vector[kind]).get(a).get(b).vector(ADD.vector[kind]);
    code.vector(V.SHUFFLE, ...bytes);
    settleVector(emitter, a, b, double);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** dpps and dppd: products of some lanes, their sum in pairs, and the sum into some lanes. */
function dotProduct(double: boolean): Handler {
  return (emitter) => {
    const { code, imm } = emitter;
    const width = double ? 8 : 4;
    const kind = double ? 1 : 0;
    const mask = (bits: number) => {
      const bytes = Array.from({ length: 16 }, (_, at) =>
        ((bits >> Math.floor(at / width)) & 1) === 1 ? 0xff : 0,
      );
      code.v128(...bytes).vector(V.AND);
    };
    loadVector(emitter, emitter.operand(0));
    loadVector(emitter, emitter.operand(1));
    const [a, b] = takeTwo(emitter);
    code.get(a).get(b).vector(MUL.vector[kind]);
    settleVector(emitter, a, b, double);
    mask(imm >> 4);
    for (let step = double ? 1 : 0; step < 2; step++) {
      code.set(a);
      for (const [odd, local] of [
        [1, b],
        [0, a],
      ] as const) {
        const bytes = Array.from({ length: 16 }, (_, at) => {
          const pair = (Math.floor(at / width) * 2) % (16 / width);
          return (pair + odd) * width + (at % width);
        });
        code
          .get(a)
          .get(a)
          .vector(V.SHUFFLE, ...bytes)
          .set(local);
      }
      code.get(a).get(b).vector(ADD.vector[kind]);
      settleVector(emitter, a, b, double);
    }
    mask(imm);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Reciprocals: processors give twelve bits of them, here all bits are right. */
function reciprocal(root: boolean, packedLanes: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    if (!packedLanes) {
      storeScalar(emitter, emitter.operand(0), false, () => {
        const a = scalarLocal(emitter, "a", false);
        code.op(0x43, 0, 0, 0x80, 0x3f);
        loadScalar(emitter, emitter.operand(1), false);
        if (root) code.op(W.F32_SQRT);
        code.op(DIV.scalar[0]);
        loadScalar(emitter, emitter.operand(1), false);
        code.set(a);
        settleScalar(emitter, a, a, false);
      });
      return;
    }
    const a = vectorLocal(emitter, "a");
    loadVector(emitter, emitter.operand(1));
    code.set(a).op(0x43, 0, 0, 0x80, 0x3f).vector(V.F32X4_SPLAT).get(a);
    if (root) code.vector(V.F32X4_SQRT);
    code.vector(V.F32X4_DIV);
    settleVector(emitter, a, a, false);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

function arithmetic(name: string, operation: Operation): Handlers {
  return {
    [`${name}ps`]: packed(operation, false),
    [`${name}pd`]: packed(operation, true),
    [`${name}ss`]: scalar(operation, false),
    [`${name}sd`]: scalar(operation, true),
  };
}

function single(name: string, operation: (imm: number) => Operation): Handlers {
  return {
    [`${name}ps`]: packedSingle(operation, false),
    [`${name}pd`]: packedSingle(operation, true),
    [`${name}ss`]: scalarSingle(operation, false),
    [`${name}sd`]: scalarSingle(operation, true),
  };
}

/** Arithmetic and comparison of floats. */
export const VECTOR_FLOATS: Handlers = {
  ...arithmetic("add", ADD),
  ...arithmetic("sub", SUB),
  ...arithmetic("mul", MUL),
  ...arithmetic("div", DIV),
  ...single("sqrt", () => SQRT),
  ...single("round", rounding),
  haddps: horizontal(ADD, false),
  haddpd: horizontal(ADD, true),
  hsubps: horizontal(SUB, false),
  hsubpd: horizontal(SUB, true),
  addsubps: alternating(false),
  addsubpd: alternating(true),
  dpps: dotProduct(false),
  dppd: dotProduct(true),
  rcpps: reciprocal(false, true),
  rcpss: reciprocal(false, false),
  rsqrtps: reciprocal(true, true),
  rsqrtss: reciprocal(true, false),
};
