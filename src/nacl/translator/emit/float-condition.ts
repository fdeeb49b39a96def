import { TYPE } from "../../../wasm/rewrite/index.ts";
import { W } from "../wasm/index.ts";
import type { Scratch } from "./scratch.ts";

/** The condition codes without their lowest bit, which negates. */
export const CONDITION = {
  OVERFLOW: 0,
  BELOW: 1,
  EQUAL: 2,
  NOT_ABOVE: 3,
  SIGN: 4,
  PARITY: 5,
  LESS: 6,
} as const;

const { BELOW, EQUAL, NOT_ABOVE, PARITY, LESS } = CONDITION;

/**
 * Pushes a condition after a comparison of floats. Unordered sets Z, P and C; else below sets C,
 * equal sets Z.
 */
export function pushFloatCondition(emitter: Scratch, pair: number, double: boolean): void {
  const { code } = emitter;
  const type = double ? TYPE.F64 : TYPE.F32;
  const [a, b] = [emitter.scratch("float a", type), emitter.scratch("float b", type)];
  const not = (opcode: number) => code.get(a).get(b).op(opcode).i32op("EQZ");
  switch (pair) {
    case BELOW:
      not(double ? W.F64_GE : W.F32_GE);
      break;
    case NOT_ABOVE:
      not(double ? W.F64_GT : W.F32_GT);
      break;
    case EQUAL:
    case LESS + 1:
      code
        .get(a)
        .get(b)
        .op(double ? W.F64_LT : W.F32_LT);
      code
        .get(a)
        .get(b)
        .op(double ? W.F64_GT : W.F32_GT);
      code.i32op("OR", "EQZ");
      break;
    case PARITY:
      code
        .get(a)
        .get(a)
        .op(double ? W.F64_NE : W.F32_NE);
      code
        .get(b)
        .get(b)
        .op(double ? W.F64_NE : W.F32_NE)
        .i32op("OR");
      break;
    default:
      code.i32(0);
  }
}
