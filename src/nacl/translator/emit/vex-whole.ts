import { V } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { loadVector, vectorLocal, xmm } from "./vector.ts";
import { bytesOf, fields } from "./vector-shuffles.ts";
import {
  atDistance,
  HALF,
  pushHalf,
  putResult,
  takeHalves,
  vectorOf,
  WHOLE,
} from "./vex-halves.ts";
import { pushBytesOfLanes } from "./vex-lanes.ts";

const REGISTERS = 16;

/** Shuffles of the four 64-bit lanes of the source. */
const permuteQuads: Handler = (emitter) => {
  const { code, imm } = emitter;
  const [low = 0, high = 0] = takeHalves(emitter, emitter.operand(1), "a");
  const [first = 0, second = 0, third = 0, fourth = 0] = fields(imm);
  for (const pair of [
    [first, second],
    [third, fourth],
  ]) {
    code
      .get(low)
      .get(high)
      .vector(V.SHUFFLE, ...bytesOf(pair, 8));
  }
  putResult(emitter, emitter.operand(0));
};

/** Any of eight 32-bit lanes of the second source into each lane: the first has their numbers. */
const permuteAll: Handler = (emitter) => {
  const { code } = emitter;
  const numbers = takeHalves(emitter, emitter.operand(1), "a");
  const [low = 0, high = 0] = takeHalves(emitter, emitter.operand(2), "b");
  const bytes = vectorLocal(emitter, "c");
  for (const number of numbers) {
    code.get(number).i32(3).vector(V.I32X4_SPLAT).vector(V.AND);
    pushBytesOfLanes(code, 4);
    code.set(bytes).get(high).get(bytes).vector(V.SWIZZLE).get(low).get(bytes).vector(V.SWIZZLE);
    code.get(number).i32(29).vector(V.I32X4_SHL).i32(31).vector(V.I32X4_SHR_S);
    code.vector(V.BITSELECT);
  }
  putResult(emitter, emitter.operand(0));
};

/** Any of the four halves of the sources, or zeros, into each half. */
const permuteHalves: Handler = (emitter) => {
  const { code, imm } = emitter;
  const halves = [1, 2].flatMap((at) => [...takeHalves(emitter, emitter.operand(at), `${at}`)]);
  for (const choice of [imm, imm >> 4]) {
    if ((choice & 8) !== 0) code.v128();
    else code.get(halves[choice & 3] ?? 0);
  }
  putResult(emitter, emitter.operand(0));
};

/** One half is the second source, the other that of the first. */
const insertHalf: Handler = (emitter) => {
  const halves = [...takeHalves(emitter, emitter.operand(1), "a")];
  const [inserted = 0] = takeHalves(emitter, emitter.operand(2), "b");
  halves[emitter.imm & 1] = inserted;
  for (const half of halves) emitter.code.get(half);
  putResult(emitter, emitter.operand(0));
};

const extractHalf: Handler = (emitter) => {
  const { code, imm } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  const half = (imm & 1) === 0 ? 0 : 1;
  const source = vectorOf(emitter, from) ?? 0;
  if (vectorOf(emitter, to) === undefined) {
    const offset = emitter.address();
    pushHalf(emitter, source, half);
    code.vectorMemory(V.STORE, offset);
    return;
  }
  pushHalf(emitter, source, half);
  putResult(emitter, to);
};

/** The lowest lane of the source, or memory, in all lanes. */
const broadcast: Handler = (emitter) => {
  const { code } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  const value = vectorLocal(emitter, "a");
  loadVector(emitter, from);
  code.tee(value).get(value);
  code
    .vector(V.SHUFFLE, ...Array.from({ length: HALF }, (_, at) => at % from.size))
    .set(value)
    .get(value);
  if (to.size === WHOLE) code.get(value);
  putResult(emitter, to);
};

/** Only lanes are loaded whose highest bits in the mask are set: others may be nowhere. */
function loadMasked(double: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const to = emitter.operand(0);
    const masks = takeHalves(emitter, emitter.operand(1), "a");
    const result = vectorLocal(emitter, "result");
    for (const [half, mask] of masks.entries()) {
      code.v128().set(result);
      eachMasked(emitter, mask, double, half, (offset, lane) => {
        code.get(result).vectorMemory(double ? V.LOAD64_LANE : V.LOAD32_LANE, offset, lane);
        code.set(result);
      });
      code.get(result).set(vectorLocal(emitter, `loaded ${half}`));
    }
    for (const half of masks.keys()) code.get(vectorLocal(emitter, `loaded ${half}`));
    putResult(emitter, to);
  };
}

function storeMasked(double: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const masks = takeHalves(emitter, emitter.operand(1), "a");
    const values = takeHalves(emitter, emitter.operand(2), "b");
    for (const [half, mask] of masks.entries()) {
      eachMasked(emitter, mask, double, half, (offset, lane) => {
        code.get(values[half] ?? 0);
        code.vectorMemory(double ? V.STORE64_LANE : V.STORE32_LANE, offset, lane);
      });
    }
  };
}

/** Emits an access of each lane of a half, with its address on the stack, where the mask is set. */
function eachMasked(
  emitter: Emitter,
  mask: number,
  double: boolean,
  half: number,
  access: (offset: number, lane: number) => void,
): void {
  const { code } = emitter;
  const bits = emitter.int("mask", 4);
  const laneBytes = double ? 8 : 4;
  code
    .get(mask)
    .vector(double ? V.I64X2_BITMASK : V.I32X4_BITMASK)
    .set(bits);
  for (let lane = 0; lane < HALF / laneBytes; lane++) {
    code
      .get(bits)
      .i32(1 << lane)
      .i32op("AND")
      .if();
    atDistance(emitter, half * HALF + lane * laneBytes, () => access(emitter.address(), lane));
    code.end();
  }
}

function isStore(emitter: Emitter): boolean {
  return emitter.operand(0).kind === "memory";
}

function masked(double: boolean): Handler {
  const [load, store] = [loadMasked(double), storeMasked(double)];
  return (emitter) => (isStore(emitter) ? store : load)(emitter);
}

/** Bits set nowhere in the source, and only outside of the first operand: Z and C. */
function test(sign: readonly number[] | undefined): Handler {
  return (emitter) => {
    const { code, flags, live } = emitter;
    const first = takeHalves(emitter, emitter.operand(0), "a");
    const second = takeHalves(emitter, emitter.operand(1), "b");
    if (live === 0) return;
    const any = (opcode: number) => {
      for (const [half, a] of first.entries()) {
        code
          .get(second[half] ?? 0)
          .get(a)
          .vector(opcode);
        if (half > 0) code.vector(V.OR);
      }
      if (sign !== undefined) code.v128(...sign).vector(V.AND);
      code.vector(V.ANY_TRUE).i32op("EQZ");
    };
    any(V.AND);
    code.i32(3).i32op("SHL");
    any(V.ANDNOT);
    code.i32op("OR").set(flags.bits);
    flags.set("bits");
  };
}

/** The highest bit of each lane. */
function signs(laneBytes: number): number[] {
  return Array.from({ length: HALF }, (_, at) => (at % laneBytes === laneBytes - 1 ? 0x80 : 0));
}

/** The highest bits of all lanes into a general register. */
function moveMask(opcode: number, count: number): Handler {
  return (emitter) => {
    const { code } = emitter;
    const [low = 0, high] = takeHalves(emitter, emitter.operand(1), "a");
    code.get(low).vector(opcode);
    if (high !== undefined) code.get(high).vector(opcode).i32(count).i32op("SHL", "OR");
    emitter.storeEnd(emitter.operand(0), 0, 4);
  };
}

const zeroAll: Handler = (emitter) => {
  for (let register = 0; register < REGISTERS; register++) {
    emitter.code.v128().set(xmm(emitter, register));
  }
  emitter.upper.clearAll();
};

/** Instructions with VEX whose halves depend on each other. */
export const VEX_WHOLE: Handlers = {
  vzeroupper: (emitter) => emitter.upper.clearAll(),
  vzeroall: zeroAll,
  vpermq: permuteQuads,
  vpermpd: permuteQuads,
  vpermd: permuteAll,
  vpermps: permuteAll,
  vperm2f128: permuteHalves,
  vperm2i128: permuteHalves,
  vinsertf128: insertHalf,
  vinserti128: insertHalf,
  vextractf128: extractHalf,
  vextracti128: extractHalf,
  ...Object.fromEntries(
    ["ss", "sd", "f128", "i128"].map((kind) => [`vbroadcast${kind}`, broadcast]),
  ),
  ...Object.fromEntries(["b", "w", "d", "q"].map((kind) => [`vpbroadcast${kind}`, broadcast])),
  vmaskmovps: masked(false),
  vmaskmovpd: masked(true),
  vpmaskmovd: masked(false),
  vpmaskmovq: masked(true),
  vptest: test(undefined),
  vtestps: test(signs(4)),
  vtestpd: test(signs(8)),
  vmovmskps: moveMask(V.I32X4_BITMASK, 4),
  vmovmskpd: moveMask(V.I64X2_BITMASK, 2),
  vpmovmskb: moveMask(V.I8X16_BITMASK, 16),
};
