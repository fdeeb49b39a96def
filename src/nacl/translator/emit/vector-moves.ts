import type { Operand } from "../../x86/index.ts";
import { GLOBAL } from "../guest/index.ts";
import { V, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import {
  isMmx,
  loadScalar,
  loadVector,
  storeScalar,
  storeVector,
  storeVectorRegister,
  xmm,
} from "./vector.ts";

const move: Handler = (emitter) => {
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  if (emitter.low.isKnown) emitter.low.copy(registerOf(emitter, to), registerOf(emitter, from));
  else storeVector(emitter, to, () => loadVector(emitter, from));
};

function registerOf(emitter: Emitter, operand: Operand): number {
  const place = emitter.place(operand);
  return place.kind === "register" ? place.register : 0;
}

/** movss and movsd: between registers, the upper lanes of the destination stay. */
function moveScalar(double: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    if (emitter.place(to).kind === "memory") {
      const offset = emitter.address();
      loadScalar(emitter, from, double);
      code.memory(double ? W.F64_STORE : W.F32_STORE, offset);
    } else if (emitter.place(from).kind === "memory") {
      loadCleared(emitter, to, from, double);
    } else storeScalar(emitter, to, double, () => loadScalar(emitter, from, double));
  };
}

/** A scalar of memory: the other lanes become zero. */
function loadCleared(emitter: Emitter, to: Operand, from: Operand, double: boolean): void {
  const { low } = emitter;
  const register = registerOf(emitter, to);
  if (low.isKnown && low.isScalarNext(register, double)) {
    loadScalar(emitter, from, double);
    low.pop(register, double, true);
    return;
  }
  loadVector(emitter, from);
  if (low.isKnown) low.popVector(register);
  else storeVectorRegister(emitter, to);
}

/** movlps and its like: half of a register, from or to memory. */
function moveHalf(lane: number): Handler {
  return (emitter) => {
    const { code } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    if (emitter.place(to).kind === "memory") {
      const offset = emitter.address();
      loadVector(emitter, from);
      code.vectorMemory(V.STORE64_LANE, offset, lane);
      return;
    }
    const offset = emitter.address();
    loadVector(emitter, to);
    code.vectorMemory(V.LOAD64_LANE, offset, lane);
    storeVectorRegister(emitter, to);
  };
}

/** Builds a register from the bytes of two. */
function joined(bytes: readonly number[]): Handler {
  return (emitter) => {
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    loadVector(emitter, to);
    loadVector(emitter, from);
    emitter.code.vector(V.SHUFFLE, ...bytes);
    storeVectorRegister(emitter, to);
  };
}

/** movd and movq between general and vector registers: what is left over is zero. */
const moveGeneral: Handler = (emitter) => {
  const { code, size } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  if (to.kind === "rm") {
    const offset = emitter.storeBegin(to);
    const place = emitter.place(from);
    const register = place.kind === "register" ? place.register : 0;
    if (isMmx(from)) {
      code.globalGet(GLOBAL.MM + register);
      if (size === 4) code.op(W.I32_WRAP);
    } else {
      code.get(xmm(emitter, register));
      code.vector(size === 8 ? V.I64X2_EXTRACT : V.I32X4_EXTRACT, 0);
    }
    emitter.storeEnd(to, offset, size);
    return;
  }
  if (isMmx(to)) {
    emitter.load(from, size);
    if (size === 4) code.op(W.I64_EXTEND_U);
    const place = emitter.place(to);
    code.globalSet(GLOBAL.MM + (place.kind === "register" ? place.register : 0));
    return;
  }
  if (emitter.place(from).kind === "memory") {
    code.vectorMemory(size === 8 ? V.LOAD64_ZERO : V.LOAD32_ZERO, emitter.address());
  } else {
    code.v128();
    emitter.load(from, size);
    code.vector(size === 8 ? V.I64X2_REPLACE : V.I32X4_REPLACE, 0);
  }
  storeVectorRegister(emitter, to);
};

/** movq of vector registers: the upper half becomes zero; or to memory. */
const moveLow: Handler = (emitter) => {
  const { code } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  if (emitter.place(to).kind === "memory") {
    const offset = emitter.address();
    loadVector(emitter, from);
    code.vectorMemory(V.STORE64_LANE, offset, 0);
    return;
  }
  loadVector(emitter, from);
  if (!isMmx(to) && emitter.place(from).kind === "register") {
    code.v128().vector(V.SHUFFLE, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  }
  storeVectorRegister(emitter, to);
};

/** Moves the sign bits of all lanes into a general register. */
function moveMask(opcode: number): Handler {
  return (emitter) => {
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    loadVector(emitter, from);
    emitter.code.vector(opcode);
    if (isMmx(from)) emitter.code.i32(0xff).i32op("AND");
    emitter.storeEnd(to, 0, 4);
  };
}

/** maskmovq and maskmovdqu: the bytes at rdi whose masks have their highest bits set. */
const moveMasked: Handler = (emitter) => {
  const { code } = emitter;
  const [from, mask] = [emitter.operand(0), emitter.operand(1)];
  const count = isMmx(from) ? 8 : 16;
  const bits = emitter.int("mask", 4);
  const address = emitter.int("address", 4);
  emitter.getRegister(7, 4);
  code.i32(-0x10000).i32op("ADD").set(address);
  loadVector(emitter, mask);
  code.vector(V.I8X16_BITMASK).set(bits);
  for (let lane = 0; lane < count; lane++) {
    code
      .get(bits)
      .i32(1 << lane)
      .i32op("AND")
      .if()
      .get(address);
    loadVector(emitter, from);
    code.vectorMemory(V.STORE8_LANE, lane, lane).end();
  }
};

const SHUFFLED = {
  lowFromHigh: [24, 25, 26, 27, 28, 29, 30, 31, 8, 9, 10, 11, 12, 13, 14, 15],
  highFromLow: [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
};

const joinLow = joined(SHUFFLED.highFromLow);

/** unpcklpd, mostly of a register with itself. */
const unpackDoubles: Handler = (emitter) => {
  if (emitter.low.isKnown) emitter.low.splat(registerOf(emitter, emitter.operand(0)));
  else joinLow(emitter);
};

/** Moves of vectors and of their parts. */
export const VECTOR_MOVES: Handlers = {
  ...Object.fromEntries(
    [
      ...["movups", "movupd", "movaps", "movapd", "movdqa", "movdqu", "lddqu"],
      ...["movntps", "movntpd", "movntdq", "movntdqa", "movntq"],
    ].map((name) => [name, move]),
  ),
  movss: moveScalar(false),
  movsd: moveScalar(true),
  movntss: moveScalar(false),
  movntsd: moveScalar(true),
  movlps: moveHalf(0),
  movlpd: moveHalf(0),
  movhps: moveHalf(1),
  movhpd: moveHalf(1),
  movhlps: joined(SHUFFLED.lowFromHigh),
  movlhps: joinLow,
  unpcklpd: unpackDoubles,
  movd: moveGeneral,
  movq: moveLow,
  movq2dq: moveLow,
  movdq2q: moveLow,
  movmskps: moveMask(V.I32X4_BITMASK),
  movmskpd: moveMask(V.I64X2_BITMASK),
  pmovmskb: moveMask(V.I8X16_BITMASK),
  maskmovq: moveMasked,
  maskmovdqu: moveMasked,
};
