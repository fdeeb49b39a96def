import { type Code, V } from "../wasm/index.ts";
import type { Handler, Handlers } from "./handler.ts";
import { vectorLocal } from "./vector.ts";
import { lanes, takeTwo } from "./vector-integer.ts";
import { bytesOf, rearranged } from "./vector-shuffles.ts";

/*
 * Instructions of AVX without a counterpart in SSE that work on each half by itself. They are
 * written as SSE would have them: the first source is in the destination.
 */

/** Numbers of the bytes of the first lane, in each lane. */
const BYTE_NUMBERS = { 4: [0, 1, 2, 3], 8: [0, 1, 2, 3, 4, 5, 6, 7] } as const;

/** Replaces lane numbers on the stack by the numbers of their bytes. */
export function pushBytesOfLanes(code: Code, laneBytes: 4 | 8): void {
  const steps = Array.from({ length: 16 }, () => laneBytes);
  const numbers = [...BYTE_NUMBERS[laneBytes]];
  code.v128(...steps).vector(laneBytes === 8 ? V.I64X2_MUL : V.I32X4_MUL);
  code.v128(...Array.from({ length: 16 / laneBytes }, () => numbers).flat()).vector(V.OR);
}

/** Any lane of the half into each lane: its number is in the second source. */
const permuteSingles = lanes((emitter) => {
  const { code } = emitter;
  code.i32(3).vector(V.I32X4_SPLAT).vector(V.AND);
  pushBytesOfLanes(code, 4);
  code.vector(V.SWIZZLE);
});

/** The same, by bit 1. */
const permuteDoubles = lanes((emitter) => {
  const { code } = emitter;
  code.i32(1).vector(V.I64X2_SHR_U).i64(1).vector(V.I64X2_SPLAT).vector(V.AND);
  pushBytesOfLanes(code, 8);
  code.vector(V.SWIZZLE);
});

/** Shifts each lane by a count of its own: too far is all zeros, or all signs. */
function shiftEach(name: "SHL" | "SHR_U" | "SHR_S", laneBytes: 4 | 8): Handler {
  return lanes((emitter) => {
    const { code } = emitter;
    const [value, counts] = takeTwo(emitter);
    const isLong = laneBytes === 8;
    const bits = 8 * laneBytes;
    const count = emitter.int("count", laneBytes);
    const result = vectorLocal(emitter, "result");
    const extract = isLong ? V.I64X2_EXTRACT : V.I32X4_EXTRACT;
    code.get(value).set(result);
    for (let lane = 0; lane < 16 / laneBytes; lane++) {
      code.get(result).get(value).vector(extract, lane);
      code.get(counts).vector(extract, lane).tee(count);
      if (name === "SHR_S") {
        code
          .constant(bits - 1, laneBytes)
          .get(count)
          .constant(bits, laneBytes);
        code.int("LT_U", laneBytes).select().int(name, laneBytes);
      } else {
        code.int(name, laneBytes).constant(0, laneBytes).get(count).constant(bits, laneBytes);
        code.int("LT_U", laneBytes).select();
      }
      code.vector(isLong ? V.I64X2_REPLACE : V.I32X4_REPLACE, lane).set(result);
    }
    code.get(result);
  });
}

/** By their names, with ` byte` for those by a constant. */
export const VEX_LANES: Handlers = {
  vpermilps: permuteSingles,
  vpermilpd: permuteDoubles,
  "vpermilpd byte": rearranged((imm) => bytesOf([imm & 1, (imm >> 1) & 1], 8)),
  vpsllvd: shiftEach("SHL", 4),
  vpsllvq: shiftEach("SHL", 8),
  vpsrlvd: shiftEach("SHR_U", 4),
  vpsrlvq: shiftEach("SHR_U", 8),
  vpsravd: shiftEach("SHR_S", 4),
};
