import { type Code, V, W } from "../wasm/index.ts";

/*
 * The NaN that an operation gives is that of its first operand, else that of its second, made
 * quiet; else one of its own, which is negative. The code stands where it is needed: a call would
 * cost the registers of the loop around it, though it is never reached.
 */

/** Pushes the NaN of two scalars in locals. */
export function pushNanScalar(code: Code, a: number, b: number, double: boolean): void {
  const bits = double ? W.I64_REINTERPRET : W.I32_REINTERPRET;
  const unequal = double ? W.F64_NE : W.F32_NE;
  const quiet = (local: number) => {
    code.get(local).op(bits);
    if (double) code.i64(0, 0x8_0000).i64op("OR");
    else code.i32(0x40_0000).i32op("OR");
  };
  quiet(a);
  if (a !== b) {
    quiet(b);
    pushOwn(code, double);
    code.get(b).get(b).op(unequal).select();
  } else pushOwn(code, double);
  code.get(a).get(a).op(unequal).select();
  code.op(double ? W.F64_REINTERPRET : W.F32_REINTERPRET);
}

function pushOwn(code: Code, double: boolean): void {
  if (double) code.i64(0, 0xfff8_0000);
  else code.i32(0xffc0_0000);
}

/** Pushes a vector of results with such NaNs in place of those that it has. */
export function pushNanVector(
  code: Code,
  a: number,
  b: number,
  result: number,
  double: boolean,
): void {
  const isNan = (local: number) => {
    code
      .get(local)
      .get(local)
      .vector(double ? V.F64X2_NE : V.F32X4_NE);
  };
  const splat = double ? V.I64X2_SPLAT : V.I32X4_SPLAT;
  const quiet = (local: number) => {
    code.get(local);
    if (double) code.i64(0, 0x8_0000);
    else code.i32(0x40_0000);
    code.vector(splat).vector(V.OR);
  };
  quiet(a);
  if (a !== b) quiet(b);
  pushOwn(code, double);
  code.vector(splat);
  if (a !== b) {
    isNan(b);
    code.vector(V.BITSELECT);
  }
  isNan(a);
  code.vector(V.BITSELECT).get(result);
  isNan(result);
  code.vector(V.BITSELECT);
}
