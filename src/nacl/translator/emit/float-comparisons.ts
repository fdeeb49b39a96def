import { V, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { loadScalar, loadVector, storeVectorRegister } from "./vector.ts";
import { scalarLocal, scalarOfTwo } from "./vector-floats.ts";
import { takeTwo } from "./vector-integer.ts";

/** min and max: the second operand unless the first is really less, or greater. */
function packedExtreme(opcode: number): Handler {
  return (emitter) => {
    loadVector(emitter, emitter.operand(0));
    loadVector(emitter, emitter.operand(1));
    const [a, b] = takeTwo(emitter);
    emitter.code.get(b).get(a).vector(opcode);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

function scalarExtreme(compare: readonly [number, number], double: boolean): Handler {
  return scalarOfTwo(double, ({ code }, a, b) => {
    code
      .get(a)
      .get(b)
      .get(a)
      .get(b)
      .op(compare[double ? 1 : 0])
      .select();
  });
}

/** The first of the comparisons; the fourth is whether one is a NaN. */
const COMPARE: readonly (readonly [single: number, double: number])[] = [
  [V.F32X4_EQ, V.F64X2_EQ],
  [V.F32X4_LT, V.F64X2_LT],
  [V.F32X4_LE, V.F64X2_LE],
];

/**
 * Which comparison a constant asks for: one of eight in SSE, in AVX of sixteen. Those of AVX that
 * are left differ in exceptions only.
 */
export function predicateOf({ imm, standIn }: Pick<Emitter, "imm" | "standIn">): number {
  return imm & (standIn === undefined ? 7 : 15);
}

/** Pushes masks of a comparison of two locals: from 4 on stand the opposites of the first four. */
function pushCompare(emitter: Emitter, a: number, b: number, double: boolean): void {
  const { code } = emitter;
  const predicate = predicateOf(emitter);
  if (predicate > 7) {
    pushFurtherCompare(emitter, a, b, double);
    return;
  }
  const opcodes = COMPARE[predicate & 3];
  if (opcodes !== undefined)
    code
      .get(a)
      .get(b)
      .vector(opcodes[double ? 1 : 0]);
  else {
    const unequal = double ? V.F64X2_NE : V.F32X4_NE;
    code.get(a).get(a).vector(unequal).get(b).get(b).vector(unequal).vector(V.OR);
  }
  if ((predicate & 4) !== 0) code.vector(V.NOT);
}

/**
 * The same for the eight that only AVX has, of which the last four are greater, greater or equal,
 * unequal and what always holds; a NaN is none of the first three. Before them are the opposites.
 */
function pushFurtherCompare(emitter: Emitter, a: number, b: number, double: boolean): void {
  const { code } = emitter;
  const predicate = predicateOf(emitter);
  // Behind equality stands that one is greater or equal, then that it is greater.
  const swapped = COMPARE[3 - (predicate & 3)];
  const less = double ? V.F64X2_LT : V.F32X4_LT;
  if ((predicate & 3) === 3) code.v128(...Array.from({ length: 16 }, () => 0xff));
  else if ((predicate & 3) !== 0 && swapped !== undefined) {
    code
      .get(b)
      .get(a)
      .vector(swapped[double ? 1 : 0]);
  } else code.get(a).get(b).vector(less).get(b).get(a).vector(less).vector(V.OR);
  if ((predicate & 4) === 0) code.vector(V.NOT);
}

function comparePacked(double: boolean): Handler {
  return (emitter) => {
    loadVector(emitter, emitter.operand(0));
    loadVector(emitter, emitter.operand(1));
    const [a, b] = takeTwo(emitter);
    pushCompare(emitter, a, b, double);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

function compareScalar(double: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const to = emitter.operand(0);
    loadVector(emitter, to);
    loadVector(emitter, emitter.operand(1));
    const [a, b] = takeTwo(emitter);
    code.get(a);
    pushCompare(emitter, a, b, double);
    code.vector(double ? V.F64X2_EXTRACT : V.F32X4_EXTRACT, 0);
    code.vector(double ? V.F64X2_REPLACE : V.F32X4_REPLACE, 0);
    storeVectorRegister(emitter, to);
  };
}

/** ucomis and comis: the operands are kept for the flags. */
function compareFlags(double: boolean): Handler {
  return (emitter) => {
    const { code, flags, live } = emitter;
    loadScalar(emitter, emitter.operand(0), double);
    code.set(scalarLocal(emitter, "float a", double));
    loadScalar(emitter, emitter.operand(1), double);
    code.set(scalarLocal(emitter, "float b", double));
    flags.set(live === 0 ? "none" : double ? "double" : "float");
  };
}

/** Comparisons of floats, and what follows from them. */
export const FLOAT_COMPARISONS: Handlers = {
  minps: packedExtreme(V.F32X4_PMIN),
  minpd: packedExtreme(V.F64X2_PMIN),
  maxps: packedExtreme(V.F32X4_PMAX),
  maxpd: packedExtreme(V.F64X2_PMAX),
  minss: scalarExtreme([W.F32_LT, W.F64_LT], false),
  minsd: scalarExtreme([W.F32_LT, W.F64_LT], true),
  maxss: scalarExtreme([W.F32_GT, W.F64_GT], false),
  maxsd: scalarExtreme([W.F32_GT, W.F64_GT], true),
  cmpps: comparePacked(false),
  cmppd: comparePacked(true),
  cmpss: compareScalar(false),
  cmpsd: compareScalar(true),
  ucomiss: compareFlags(false),
  comiss: compareFlags(false),
  ucomisd: compareFlags(true),
  comisd: compareFlags(true),
};
