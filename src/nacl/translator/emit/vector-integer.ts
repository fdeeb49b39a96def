import { V } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { SIMPLE_LANES } from "./simple-lanes.ts";
import { isMmx, loadVector, storeVectorRegister, vectorLocal } from "./vector.ts";

/** Lane by lane: what `write` makes of destination and source on the stack. */
export function lanes(write: (emitter: Emitter) => void): Handler {
  return (emitter) => {
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    loadVector(emitter, to);
    loadVector(emitter, from);
    write(emitter);
    storeVectorRegister(emitter, to);
  };
}

const simple = (opcode: number) => lanes(({ code }) => code.vector(opcode));

/** Of one source. */
function single(opcode: number): Handler {
  return (emitter) => {
    loadVector(emitter, emitter.operand(1));
    emitter.code.vector(opcode);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Takes two vectors off the stack into locals. */
export function takeTwo(emitter: Emitter): readonly [a: number, b: number] {
  const [a, b] = [vectorLocal(emitter, "a"), vectorLocal(emitter, "b")];
  emitter.code.set(b).set(a);
  return [a, b];
}

/** High halves of the products of 16-bit lanes. */
function multiplyHigh(low: number, high: number): Handler {
  return lanes((emitter) => {
    const [a, b] = takeTwo(emitter);
    emitter.code.get(a).get(b).vector(low).get(a).get(b).vector(high);
    emitter.code.vector(V.SHUFFLE, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
  });
}

const multiplyEvenUnsigned = lanes((emitter) => {
  const [a, b] = takeTwo(emitter);
  const mask = () => emitter.code.i64(-1, 0).vector(V.I64X2_SPLAT).vector(V.AND);
  emitter.code.get(a);
  mask();
  emitter.code.get(b);
  mask();
  emitter.code.vector(V.I64X2_MUL);
});

const multiplyEvenSigned = lanes((emitter) => {
  const [a, b] = takeTwo(emitter);
  const { code } = emitter;
  for (const local of [a, b]) {
    code.get(local).i32(32).vector(V.I64X2_SHL).i32(32).vector(V.I64X2_SHR_S);
  }
  code.vector(V.I64X2_MUL);
});

/** Bytes without signs times bytes with signs, added in pairs with saturation. */
const multiplyAddBytes = lanes((emitter) => {
  const [a, b] = takeTwo(emitter);
  const { code } = emitter;
  code.get(a).i32(0xff).vector(V.I16X8_SPLAT).vector(V.AND);
  code.get(b).i32(8).vector(V.I16X8_SHL).i32(8).vector(V.I16X8_SHR_S).vector(V.I16X8_MUL);
  code.get(a).i32(8).vector(V.I16X8_SHR_U).get(b).i32(8).vector(V.I16X8_SHR_S);
  code.vector(V.I16X8_MUL).vector(V.I16X8_ADD_SAT_S);
});

/** Only the square of the lowest number overflows, and then keeps its sign. */
const multiplyRounded = lanes((emitter) => {
  const [a, b] = takeTwo(emitter);
  const { code } = emitter;
  code.get(a).get(b).vector(V.I16X8_Q15MULR);
  for (const local of [a, b]) {
    code.get(local).i32(0x8000).vector(V.I16X8_SPLAT).vector(V.I16X8_EQ);
  }
  code.vector(V.AND).vector(V.XOR);
});

const sumOfDifferences = lanes((emitter) => {
  const [a, b] = takeTwo(emitter);
  const { code } = emitter;
  code.get(a).get(b).vector(V.I8X16_SUB_SAT_U).get(b).get(a).vector(V.I8X16_SUB_SAT_U);
  code.vector(V.OR).vector(V.I16X8_EXTADD_U).vector(V.I32X4_EXTADD_U).set(a);
  code.get(a).i32(32).vector(V.I64X2_SHR_U).get(a);
  code.i64(-1, 0).vector(V.I64X2_SPLAT).vector(V.AND).vector(V.I64X2_ADD);
});

/** The lower lanes of both, narrowed: 64-bit registers are first put side by side. */
function pack(opcode: number): Handler {
  return (emitter) => {
    pushPair(emitter);
    emitter.code.vector(opcode);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Pushes destination and source; of 64-bit registers twice both of them side by side. */
export function pushPair(emitter: Emitter): void {
  const { code } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  loadVector(emitter, to);
  loadVector(emitter, from);
  if (!isMmx(to)) return;
  const both = vectorLocal(emitter, "a");
  code.vector(V.SHUFFLE, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  code.tee(both).get(both);
}

/** Interleaves lanes of a size: those of the lower or the upper halves. */
function unpack(laneBytes: number, high: boolean): Handler {
  return (emitter) => {
    const to = emitter.operand(0);
    loadVector(emitter, to);
    loadVector(emitter, emitter.operand(1));
    const half = isMmx(to) ? 4 : 8;
    const start = high ? half : 0;
    const bytes: number[] = [];
    for (let at = start; at < start + half; at += laneBytes) {
      for (let byte = 0; byte < laneBytes; byte++) bytes.push(at + byte);
      for (let byte = 0; byte < laneBytes; byte++) bytes.push(16 + at + byte);
    }
    while (bytes.length < 16) bytes.push(0);
    emitter.code.vector(V.SHUFFLE, ...bytes);
    storeVectorRegister(emitter, to);
  };
}

/** Adds or subtracts neighbours: the even lanes and the odd ones are gathered first. */
function horizontal(laneBytes: number, opcode: number): Handler {
  return (emitter) => {
    const { code } = emitter;
    pushPair(emitter);
    const [a, b] = [vectorLocal(emitter, "a"), vectorLocal(emitter, "b")];
    code.set(b).set(a);
    for (const odd of [0, 1]) {
      const bytes: number[] = [];
      for (let at = odd * laneBytes; at < 32; at += 2 * laneBytes) {
        for (let byte = 0; byte < laneBytes; byte++) bytes.push(at + byte);
      }
      code
        .get(a)
        .get(b)
        .vector(V.SHUFFLE, ...bytes);
    }
    code.vector(opcode);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Negates where the source is negative, clears where it is zero. */
function sign(negate: number, greater: number, equal: number): Handler {
  return lanes((emitter) => {
    const [a, b] = takeTwo(emitter);
    const { code } = emitter;
    code.get(a).vector(negate).get(a).v128().get(b).vector(greater).vector(V.BITSELECT);
    code.get(b).v128().vector(equal).vector(V.ANDNOT);
  });
}

/** All lanes by one count: a constant, or 64 bits of a register. */
function shift(opcode: number, bits: number, arithmetic: boolean): Handler {
  return (emitter) => {
    const { code } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    if (from.kind === "immediate") {
      const count = emitter.imm & 0xff;
      if (count >= bits && !arithmetic) code.v128();
      else {
        loadVector(emitter, to);
        code.i32(Math.min(count, bits - 1)).vector(opcode);
      }
      storeVectorRegister(emitter, to);
      return;
    }
    const count = emitter.int("count", 8);
    loadVector(emitter, from);
    code.vector(V.I64X2_EXTRACT, 0).set(count);
    loadVector(emitter, to);
    if (arithmetic) {
      code
        .get(count)
        .i64(bits - 1)
        .get(count)
        .i64(bits)
        .i64op("LT_U")
        .select();
      code.op(0xa7).vector(opcode);
    } else {
      code.get(count).op(0xa7).vector(opcode).v128().get(count).i64(bits).i64op("LT_U").select();
    }
    storeVectorRegister(emitter, to);
  };
}

/** Bits set nowhere in the source, and only outside of the destination: Z and C. */
const test: Handler = (emitter) => {
  const { code, flags, live } = emitter;
  loadVector(emitter, emitter.operand(0));
  loadVector(emitter, emitter.operand(1));
  const [a, b] = takeTwo(emitter);
  if (live === 0) return;
  code.get(a).get(b).vector(V.AND).vector(V.ANY_TRUE).i32op("EQZ").i32(3).i32op("SHL");
  code.get(b).get(a).vector(V.ANDNOT).vector(V.ANY_TRUE).i32op("EQZ", "OR").set(flags.bits);
  flags.set("bits");
};

const complementAnd = lanes((emitter) => {
  const [a, b] = takeTwo(emitter);
  emitter.code.get(b).get(a).vector(V.ANDNOT);
});

/** Widens the lowest lanes: step by step from bytes to words, 32 and 64 bits. */
function widen(...steps: readonly number[]): Handler {
  return (emitter) => {
    loadVector(emitter, emitter.operand(1));
    for (const step of steps) emitter.code.vector(step);
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

const LANE_NAMES = ["b", "w", "d", "q"] as const;

function widenings(): Handlers {
  const steps = {
    s: [V.I16X8_EXTEND_LOW_S, V.I32X4_EXTEND_LOW_S, V.I64X2_EXTEND_LOW_S],
    z: [V.I16X8_EXTEND_LOW_U, V.I32X4_EXTEND_LOW_U, V.I64X2_EXTEND_LOW_U],
  };
  const handlers: Record<string, Handler> = {};
  for (const kind of ["s", "z"] as const) {
    for (let from = 0; from < 3; from++) {
      for (let to = from + 1; to < 4; to++) {
        const name = `pmov${kind}x${LANE_NAMES[from]}${LANE_NAMES[to]}`;
        handlers[name] = widen(...steps[kind].slice(from, to));
      }
    }
  }
  return handlers;
}

/** Integer lanes of 128 and 64 bits. */
export const VECTOR_INTEGER: Handlers = {
  ...Object.fromEntries(
    Object.entries(SIMPLE_LANES).map(([name, opcode]) => [name, simple(opcode)]),
  ),
  ...widenings(),
  pandn: complementAnd,
  andnps: complementAnd,
  andnpd: complementAnd,
  pabsb: single(V.I8X16_ABS),
  pabsw: single(V.I16X8_ABS),
  pabsd: single(V.I32X4_ABS),
  pmulhw: multiplyHigh(V.I32X4_EXTMUL_LOW_S, V.I32X4_EXTMUL_HIGH_S),
  pmulhuw: multiplyHigh(V.I32X4_EXTMUL_LOW_U, V.I32X4_EXTMUL_HIGH_U),
  pmuludq: multiplyEvenUnsigned,
  pmuldq: multiplyEvenSigned,
  pmaddubsw: multiplyAddBytes,
  pmulhrsw: multiplyRounded,
  psadbw: sumOfDifferences,
  packsswb: pack(V.I8X16_NARROW_S),
  packuswb: pack(V.I8X16_NARROW_U),
  packssdw: pack(V.I16X8_NARROW_S),
  packusdw: pack(V.I16X8_NARROW_U),
  punpcklbw: unpack(1, false),
  punpcklwd: unpack(2, false),
  punpckldq: unpack(4, false),
  punpcklqdq: unpack(8, false),
  punpckhbw: unpack(1, true),
  punpckhwd: unpack(2, true),
  punpckhdq: unpack(4, true),
  punpckhqdq: unpack(8, true),
  unpcklps: unpack(4, false),
  unpckhps: unpack(4, true),
  unpckhpd: unpack(8, true),
  phaddw: horizontal(2, V.I16X8_ADD),
  phaddd: horizontal(4, V.I32X4_ADD),
  phaddsw: horizontal(2, V.I16X8_ADD_SAT_S),
  phsubw: horizontal(2, V.I16X8_SUB),
  phsubd: horizontal(4, V.I32X4_SUB),
  phsubsw: horizontal(2, V.I16X8_SUB_SAT_S),
  psignb: sign(V.I8X16_NEG, V.I8X16_GT_S, V.I8X16_EQ),
  psignw: sign(V.I16X8_NEG, V.I16X8_GT_S, V.I16X8_EQ),
  psignd: sign(V.I32X4_NEG, V.I32X4_GT_S, V.I32X4_EQ),
  psllw: shift(V.I16X8_SHL, 16, false),
  pslld: shift(V.I32X4_SHL, 32, false),
  psllq: shift(V.I64X2_SHL, 64, false),
  psrlw: shift(V.I16X8_SHR_U, 16, false),
  psrld: shift(V.I32X4_SHR_U, 32, false),
  psrlq: shift(V.I64X2_SHR_U, 64, false),
  psraw: shift(V.I16X8_SHR_S, 16, true),
  psrad: shift(V.I32X4_SHR_S, 32, true),
  ptest: test,
};
