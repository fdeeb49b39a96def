/**
 * Pairs of singles in the registers of MMX. 3DNow! knows numbers and zeros: it rounds to nearest,
 * what is too great becomes the greatest number, and what is too small zero. AMD does not define
 * what it makes of infinities and NaNs: here they count as the greatest number of their sign.
 */
import { V } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { loadVector, storeVectorRegister, vectorLocal } from "./vector.ts";
import { lanes, takeTwo } from "./vector-integer.ts";

const SIGN = 0x8000_0000;
const ONE = 0x3f80_0000;
/** One less two units in its last place, of those below it; four numbers from there are near. */
const NEAR_ONE = ONE - 2;
const ONE_AS_SINGLE = [0x43, 0, 0, 0x80, 0x3f] as const;

/** Bytes of a double as a constant. */
function double(value: number): readonly number[] {
  return [0x44, ...new Uint8Array(new Float64Array([value]).buffer)];
}

/** Replaces singles on the stack that are no numbers of 3DNow!. */
function pushNumbers({ code, module }: Emitter): void {
  code.call(module.helper("normalSingles"));
}

function splat({ code }: Emitter, lane: number): void {
  code.i32(lane).vector(V.I32X4_SPLAT);
}

/** Writes what `push` makes of destination and source. */
function ofTwo(push: (emitter: Emitter, a: number, b: number) => void): Handler {
  return (emitter) => {
    for (const at of [0, 1]) {
      loadVector(emitter, emitter.operand(at));
      pushNumbers(emitter);
    }
    const [a, b] = takeTwo(emitter);
    push(emitter, a, b);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Writes what `push` makes of the source on the stack. */
function ofOne(push: (emitter: Emitter) => void): Handler {
  return (emitter) => {
    loadVector(emitter, emitter.operand(1));
    push(emitter);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Which lanes are added: those of both operands, or the neighbours of each. */
type Terms = "both" | "reversed" | "neighbours";

const EVEN = [0, 1, 2, 3, 16, 17, 18, 19];
const ODD = EVEN.map((byte) => byte + 4);

/**
 * Sums or differences: the second terms change their signs by a mask for each lane. Where both
 * terms are equal, the zero has the sign of the first.
 */
function sum(terms: Terms, ...signs: readonly [number, number]): Handler {
  return ofTwo((emitter, to, from) => {
    const { code } = emitter;
    const [a, b] = [vectorLocal(emitter, "term"), vectorLocal(emitter, "other")];
    if (terms === "neighbours") {
      for (const [bytes, local] of [
        [EVEN, a],
        [ODD, b],
      ] as const) {
        code
          .get(to)
          .get(from)
          .vector(V.SHUFFLE, ...bytes, ...bytes)
          .set(local);
      }
    } else if (terms === "both") code.get(to).set(a).get(from).set(b);
    else code.get(from).set(a).get(to).set(b);
    const result = vectorLocal(emitter, "result");
    code
      .get(a)
      .get(b)
      .i64(...signs)
      .vector(V.I64X2_SPLAT)
      .vector(V.XOR)
      .vector(V.F32X4_ADD);
    code.tee(result).get(a);
    splat(emitter, SIGN);
    code.vector(V.AND).get(a).v128().vector(V.F32X4_NE).vector(V.AND);
    code.get(result).v128().vector(V.F32X4_EQ).vector(V.AND).vector(V.OR);
    pushNumbers(emitter);
  });
}

const product = ofTwo((emitter, a, b) => {
  emitter.code.get(a).get(b).vector(V.F32X4_MUL);
  pushNumbers(emitter);
});

/** The less or the greater one; all zeros are positive. */
function extreme(opcode: number): Handler {
  return ofTwo(({ code }, a, b) => {
    code.get(a).get(b).vector(opcode).tee(a).get(a).v128().vector(V.F32X4_NE).vector(V.AND);
  });
}

const comparison = (opcode: number) => ofTwo(({ code }, a, b) => code.get(a).get(b).vector(opcode));
const isGreater = ofTwo(({ code }, a, b) => code.get(b).get(a).vector(V.F32X4_LT));

/** Both lanes become what was made of the lower one. */
function pushLower({ code }: Emitter): void {
  code.vector(V.I32X4_EXTRACT, 0).vector(V.I32X4_SPLAT);
}

/** To the last place, where AMD asks for 14 bits. */
const reciprocal = ofOne((emitter) => {
  const { code } = emitter;
  const a = vectorLocal(emitter, "a");
  pushNumbers(emitter);
  code
    .set(a)
    .op(...ONE_AS_SINGLE)
    .vector(V.F32X4_SPLAT)
    .get(a)
    .vector(V.F32X4_DIV);
  pushNumbers(emitter);
  pushLower(emitter);
});

/** The same, where AMD asks for 15 bits; of the size of a number, with its sign. */
const reciprocalRoot = ofOne((emitter) => {
  const { code } = emitter;
  const a = vectorLocal(emitter, "a");
  pushNumbers(emitter);
  code
    .set(a)
    .op(...double(1))
    .vector(V.F64X2_SPLAT)
    .get(a);
  splat(emitter, SIGN - 1);
  code.vector(V.AND).vector(V.PROMOTE).vector(V.F64X2_SQRT).vector(V.F64X2_DIV).vector(V.DEMOTE);
  code.get(a);
  splat(emitter, SIGN);
  code.vector(V.AND).vector(V.OR);
  pushNumbers(emitter);
  pushLower(emitter);
});

/**
 * A step of Newton's iteration: the factor `whole - part * |a * b|` for an estimate. One that is
 * within a unit of one is one: the estimates of this unit have all 24 bits, and stay as they are.
 */
function correction(whole: number, part: number): Handler {
  return ofTwo((emitter, a, b) => {
    const { code } = emitter;
    code.op(...double(whole)).vector(V.F64X2_SPLAT);
    for (const local of [a, b]) {
      code.get(local);
      splat(emitter, SIGN - 1);
      code.vector(V.AND).vector(V.PROMOTE);
    }
    code
      .vector(V.F64X2_MUL)
      .op(...double(part))
      .vector(V.F64X2_SPLAT)
      .vector(V.F64X2_MUL);
    code.vector(V.F64X2_SUB).vector(V.DEMOTE).set(a);
    splat(emitter, ONE);
    code.get(a).get(a);
    splat(emitter, NEAR_ONE);
    code.vector(V.I32X4_SUB).tee(b).get(b);
    splat(emitter, 3);
    code.vector(V.I32X4_MIN_U).vector(V.I32X4_EQ).vector(V.BITSELECT);
    pushNumbers(emitter);
  });
}

/** Integers to singles that are cut: a double holds each, and all bits behind the 24th go. */
const fromIntegers = ofOne(({ code }) => {
  code.vector(V.F64X2_CONVERT_LOW_I32X4).i64(0xe000_0000, -1).vector(V.I64X2_SPLAT);
  code.vector(V.AND).vector(V.DEMOTE);
});

const fromWords = ofOne(({ code }) => {
  code.i32(16).vector(V.I32X4_SHL).i32(16).vector(V.I32X4_SHR_S).vector(V.F32X4_CONVERT_I32X4);
});

const toIntegers = ofOne((emitter) => {
  pushNumbers(emitter);
  emitter.code.vector(V.I32X4_TRUNC_SAT_F32X4);
});

const toWords = ofOne((emitter) => {
  pushNumbers(emitter);
  emitter.code.vector(V.I32X4_TRUNC_SAT_F32X4);
  splat(emitter, 0x7fff);
  emitter.code.vector(V.I32X4_MIN_S);
  splat(emitter, -0x8000);
  emitter.code.vector(V.I32X4_MAX_S);
});

const swapped = ofOne(({ code }) => {
  const a = [4, 5, 6, 7, 0, 1, 2, 3];
  code.v128().vector(V.SHUFFLE, ...a, ...a);
});

/** High halves of the products of 16-bit lanes, rounded. */
const multiplyRounded = lanes((emitter) => {
  const { code } = emitter;
  code.vector(V.I32X4_EXTMUL_LOW_S);
  splat(emitter, 0x8000);
  const bytes = [2, 3, 6, 7, 10, 11, 14, 15];
  code
    .vector(V.I32X4_ADD)
    .v128()
    .vector(V.SHUFFLE, ...bytes, ...bytes);
});

/** 3DNow! and its extension. */
export const THREE_D_NOW: Handlers = {
  pfadd: sum("both", 0, 0),
  pfsub: sum("both", SIGN, SIGN),
  pfsubr: sum("reversed", SIGN, SIGN),
  pfacc: sum("neighbours", 0, 0),
  pfnacc: sum("neighbours", SIGN, SIGN),
  pfpnacc: sum("neighbours", SIGN, 0),
  pfmul: product,
  pfmin: extreme(V.F32X4_PMIN),
  pfmax: extreme(V.F32X4_PMAX),
  pfcmpeq: comparison(V.F32X4_EQ),
  pfcmpge: comparison(V.F32X4_GE),
  pfcmpgt: isGreater,
  pfrcp: reciprocal,
  pfrcpit1: correction(2, 1),
  pfrcpit2: product,
  pfrsqrt: reciprocalRoot,
  pfrsqit1: correction(1.5, 0.5),
  pi2fd: fromIntegers,
  pi2fw: fromWords,
  pf2id: toIntegers,
  pf2iw: toWords,
  pswapd: swapped,
  pmulhrw: multiplyRounded,
};
