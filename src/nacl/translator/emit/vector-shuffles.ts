import { INT, V } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { isMmx, loadVector, storeVectorRegister, vectorLocal } from "./vector.ts";
import { lanes, takeTwo } from "./vector-integer.ts";

const ALL_BYTES = Array.from({ length: 16 }, (_, at) => at);

/** Bytes of lanes, as a shuffle wants them. */
export function bytesOf(laneNumbers: readonly number[], laneBytes: number): number[] {
  return laneNumbers.flatMap((lane) =>
    Array.from({ length: laneBytes }, (_, byte) => lane * laneBytes + byte),
  );
}

/** Four two-bit fields of a constant. */
export function fields(imm: number): number[] {
  return [0, 2, 4, 6].map((shift) => (imm >> shift) & 3);
}

/** Rearranges the bytes of the source alone. */
export function rearranged(bytes: (imm: number) => readonly number[]): Handler {
  return (emitter) => {
    const from = vectorLocal(emitter, "a");
    loadVector(emitter, emitter.operand(1));
    emitter.code
      .tee(from)
      .get(from)
      .vector(V.SHUFFLE, ...bytes(emitter.imm));
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Chooses bytes of destination and source. */
function chosen(bytes: (imm: number) => readonly number[]): Handler {
  return (emitter) => {
    loadVector(emitter, emitter.operand(0));
    loadVector(emitter, emitter.operand(1));
    emitter.code.vector(V.SHUFFLE, ...bytes(emitter.imm));
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

function blend(laneBytes: number): Handler {
  return chosen((imm) =>
    bytesOf(
      Array.from({ length: 16 / laneBytes }, (_, lane) =>
        ((imm >> lane) & 1) === 1 ? lane + 16 / laneBytes : lane,
      ),
      laneBytes,
    ),
  );
}

/** Blends by the highest bits of the lanes of the third operand. */
function blendByMask(shift: number, count: number): Handler {
  return lanes((emitter) => {
    const [a, b] = takeTwo(emitter);
    const { code } = emitter;
    code.get(b).get(a);
    loadVector(emitter, emitter.operand(2));
    code.i32(count).vector(shift).vector(V.BITSELECT);
  });
}

const shuffleBytes: Handler = (emitter) => {
  const { code } = emitter;
  const to = emitter.operand(0);
  loadVector(emitter, to);
  loadVector(emitter, emitter.operand(1));
  const mask = isMmx(to) ? 0x87 : 0x8f;
  code
    .v128(...ALL_BYTES.map(() => mask))
    .vector(V.AND)
    .vector(V.SWIZZLE);
  storeVectorRegister(emitter, to);
};

/** psrldq and pslldq. */
function shiftBytes(left: boolean): Handler {
  return (emitter) => {
    const to = emitter.operand(0);
    const count = Math.min(emitter.imm & 0xff, 16);
    loadVector(emitter, to);
    const bytes = ALL_BYTES.map((at) => {
      const from = left ? at - count : at + count;
      return from < 0 || from > 15 ? 16 : from;
    });
    emitter.code.v128().vector(V.SHUFFLE, ...bytes);
    storeVectorRegister(emitter, to);
  };
}

/** palignr: a window into source and destination side by side, the source below. */
const align: Handler = (emitter) => {
  const { code } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  const width = isMmx(to) ? 8 : 16;
  const count = emitter.imm & 0xff;
  const zero = vectorLocal(emitter, "b");
  const both = vectorLocal(emitter, "a");
  code.v128().set(zero);
  const window = (at: number) => ALL_BYTES.map((byte) => Math.min(byte + at, 31));
  if (width === 8) {
    loadVector(emitter, from);
    loadVector(emitter, to);
    code.vector(V.SHUFFLE, ...bytesOf([0, 2], 8)).set(both);
    code
      .get(both)
      .get(zero)
      .vector(V.SHUFFLE, ...window(Math.min(count, 16)));
  } else if (count < 16) {
    loadVector(emitter, from);
    loadVector(emitter, to);
    code.vector(V.SHUFFLE, ...window(count));
  } else {
    loadVector(emitter, to);
    code.get(zero).vector(V.SHUFFLE, ...window(Math.min(count - 16, 16)));
  }
  storeVectorRegister(emitter, to);
};

/** pinsr: a general register or memory into one lane. */
function insert(opcode: (size: number) => number, laneCount: (size: number) => number): Handler {
  return (emitter) => {
    const { code } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.size === 8 ? 8 : 4;
    const value = emitter.int("lane", size);
    if (emitter.place(from).kind === "memory") {
      emitter.loadMemory(from.memorySize === 0 ? size : from.memorySize);
    } else emitter.load(from, size);
    code.set(value);
    loadVector(emitter, to);
    const count = isMmx(to) ? laneCount(size) / 2 : laneCount(size);
    code.get(value).vector(opcode(size), emitter.imm & (count - 1));
    storeVectorRegister(emitter, to);
  };
}

/** pextr: one lane, with zeros above it, into a general register or memory. */
function extract(opcode: (size: number) => number, laneCount: (size: number) => number): Handler {
  return (emitter) => {
    const { code } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.size === 8 ? 8 : 4;
    const offset = emitter.storeBegin(to);
    loadVector(emitter, from);
    const count = isMmx(from) ? laneCount(size) / 2 : laneCount(size);
    code.vector(opcode(size), emitter.imm & (count - 1));
    if (emitter.place(to).kind === "memory") {
      emitter.storeMemory(offset, to.memorySize === 0 ? size : to.memorySize);
    } else emitter.storeEnd(to, 0, size);
  };
}

/** insertps: one lane of the source into one, and zeros where the mask says. */
const insertSingle: Handler = (emitter) => {
  const { code, imm } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  const value = emitter.int("lane", 4);
  if (emitter.place(from).kind === "memory") {
    code.memory(INT.LOAD[0], emitter.address());
  } else {
    loadVector(emitter, from);
    code.vector(V.I32X4_EXTRACT, (imm >> 6) & 3);
  }
  code.set(value);
  loadVector(emitter, to);
  code
    .get(value)
    .vector(V.I32X4_REPLACE, (imm >> 4) & 3)
    .v128();
  const laneNumbers = [0, 1, 2, 3].map((lane) => (((imm >> lane) & 1) === 1 ? 4 : lane));
  code.vector(V.SHUFFLE, ...bytesOf(laneNumbers, 4));
  storeVectorRegister(emitter, to);
};

/** phminposuw: the least of eight words, and its place. */
const least: Handler = (emitter: Emitter) => {
  const { code } = emitter;
  const from = vectorLocal(emitter, "a");
  const [best, place, value] = [
    emitter.int("best", 4),
    emitter.int("place", 4),
    emitter.int("lane", 4),
  ];
  loadVector(emitter, emitter.operand(1));
  code.set(from).i32(0x10000).set(best).i32(0).set(place);
  for (let lane = 0; lane < 8; lane++) {
    code.get(from).vector(V.I16X8_EXTRACT_U, lane).tee(value).get(best).i32op("LT_U").if();
    code.get(value).set(best).i32(lane).set(place).end();
  }
  code.v128().get(best).get(place).i32(16).i32op("SHL", "OR").vector(V.I32X4_REPLACE, 0);
  storeVectorRegister(emitter, emitter.operand(0));
};

/** mpsadbw: eight sums of four differences, of a window that moves over the destination. */
const blockSums: Handler = (emitter) => {
  const { code, imm } = emitter;
  const to = emitter.operand(0);
  loadVector(emitter, to);
  loadVector(emitter, emitter.operand(1));
  const [a, b] = takeTwo(emitter);
  const sums = vectorLocal(emitter, "c");
  const [first, second] = [((imm >> 2) & 1) * 4, (imm & 3) * 4];
  code.v128().set(sums);
  for (let byte = 0; byte < 4; byte++) {
    const widened = (local: number, bytes: readonly number[]) => {
      const pairs = bytes.flatMap((at) => [at, 16]);
      code
        .get(local)
        .v128()
        .vector(V.SHUFFLE, ...pairs);
    };
    widened(
      a,
      [0, 1, 2, 3, 4, 5, 6, 7].map((lane) => first + byte + lane),
    );
    widened(
      b,
      [0, 0, 0, 0, 0, 0, 0, 0].map(() => second + byte),
    );
    code.vector(V.I16X8_SUB).vector(V.I16X8_ABS).get(sums).vector(V.I16X8_ADD).set(sums);
  }
  code.get(sums);
  storeVectorRegister(emitter, to);
};

const word = (): number => 8;

/** Instructions that only move lanes. */
export const VECTOR_SHUFFLES: Handlers = {
  pshufb: shuffleBytes,
  pshufd: rearranged((imm) => bytesOf(fields(imm), 4)),
  pshuflw: rearranged((imm) => bytesOf([...fields(imm), 4, 5, 6, 7], 2)),
  pshufhw: rearranged((imm) => bytesOf([0, 1, 2, 3, ...fields(imm).map((at) => at + 4)], 2)),
  pshufw: rearranged((imm) => bytesOf([...fields(imm), 4, 5, 6, 7], 2)),
  movddup: rearranged(() => bytesOf([0, 0], 8)),
  movsldup: rearranged(() => bytesOf([0, 0, 2, 2], 4)),
  movshdup: rearranged(() => bytesOf([1, 1, 3, 3], 4)),
  shufps: chosen((imm) =>
    bytesOf(
      fields(imm).map((lane, at) => (at < 2 ? lane : lane + 4)),
      4,
    ),
  ),
  shufpd: chosen((imm) => bytesOf([imm & 1, 2 + ((imm >> 1) & 1)], 8)),
  blendps: blend(4),
  blendpd: blend(8),
  pblendw: blend(2),
  pblendvb: blendByMask(V.I8X16_SHR_S, 7),
  blendvps: blendByMask(V.I32X4_SHR_S, 31),
  blendvpd: blendByMask(V.I64X2_SHR_S, 63),
  psrldq: shiftBytes(false),
  pslldq: shiftBytes(true),
  palignr: align,
  pinsrb: insert(
    () => V.I8X16_REPLACE,
    () => 16,
  ),
  pinsrw: insert(() => V.I16X8_REPLACE, word),
  pinsrd: insert(
    (size) => (size === 8 ? V.I64X2_REPLACE : V.I32X4_REPLACE),
    (size) => 16 / size,
  ),
  pextrb: extract(
    () => V.I8X16_EXTRACT_U,
    () => 16,
  ),
  pextrw: extract(() => V.I16X8_EXTRACT_U, word),
  pextrd: extract(
    (size) => (size === 8 ? V.I64X2_EXTRACT : V.I32X4_EXTRACT),
    (size) => 16 / size,
  ),
  extractps: extract(
    () => V.I32X4_EXTRACT,
    () => 4,
  ),
  insertps: insertSingle,
  phminposuw: least,
  mpsadbw: blockSums,
};
