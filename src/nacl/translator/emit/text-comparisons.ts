import { PREFIX } from "../../x86/index.ts";
import { V, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { textMatchName } from "./helpers.ts";
import { loadVector, vectorLocal, xmm } from "./vector.ts";
import { takeTwo } from "./vector-integer.ts";

const RAX = 0;
const RCX = 1;
const RDX = 2;

/** Bits of the constant. */
const WORDS = 1;
const NEGATIVE = 16;
/** Only lanes of the second text that are valid are negated. */
const MASKED = 32;
/** The highest index and not the lowest, or a mask of lanes and not of bits. */
const OTHER_RESULT = 64;

/** Pushes the length that a register gives: without its sign, and no more than there are lanes. */
function pushGivenLength(emitter: Emitter, register: number, count: number): void {
  const { code } = emitter;
  const size = ((emitter.text.prefixes[emitter.at] ?? 0) & PREFIX.rexW) !== 0 ? 8 : 4;
  const value = emitter.int("lane", size);
  const bits = size * 8 - 1;
  emitter.getRegister(register, size);
  code.tee(value).get(value).constant(bits, size).int("SHR_S", size).int("XOR", size);
  code.get(value).constant(bits, size).int("SHR_S", size).int("SUB", size).tee(value);
  // The lowest number has no opposite: it is large without a sign.
  code.constant(count, size).get(value).constant(count, size).int("LT_U", size).select();
  if (size === 8) code.op(W.I32_WRAP);
}

/** Pushes how many lanes of a local there are before the first that is zero. */
function pushFoundLength({ code, imm }: Emitter, vector: number, count: number): void {
  const words = (imm & WORDS) !== 0;
  code
    .get(vector)
    .v128()
    .vector(words ? V.I16X8_EQ : V.I8X16_EQ);
  code.vector(words ? V.I16X8_BITMASK : V.I8X16_BITMASK);
  code.i32(1 << count).i32op("OR", "CTZ");
}

/** pcmpestri, pcmpestrm, pcmpistri and pcmpistrm. */
function compareTexts(lengthsAreGiven: boolean, index: boolean): Handler {
  return (emitter) => {
    const { code, imm, module } = emitter;
    const count = (imm & WORDS) !== 0 ? 8 : 16;
    const [lengthA, lengthB] = [emitter.int("a", 4), emitter.int("b", 4)];
    loadVector(emitter, emitter.operand(0));
    loadVector(emitter, emitter.operand(1));
    const [a, b] = takeTwo(emitter);
    for (const [length, register, vector] of [
      [lengthA, RAX, a],
      [lengthB, RDX, b],
    ] as const) {
      if (lengthsAreGiven) pushGivenLength(emitter, register, count);
      else pushFoundLength(emitter, vector, count);
      code.set(length);
    }
    const found = emitter.int("c", 4);
    code.get(a).get(b).get(lengthA).get(lengthB);
    code.call(module.helper(textMatchName(imm & 15)));
    if ((imm & NEGATIVE) !== 0) {
      if ((imm & MASKED) !== 0) code.i32(1).get(lengthB).i32op("SHL").i32(1).i32op("SUB");
      else code.i32((1 << count) - 1);
      code.i32op("XOR");
    }
    code.set(found);
    if (index) putIndex(emitter, found, count);
    else putMask(emitter, found, count);
    setFlags(emitter, found, lengthA, lengthB, count);
  };
}

/** The lowest or highest lane that was found, or how many lanes there are, into ecx. */
function putIndex(emitter: Emitter, found: number, count: number): void {
  const { code, imm } = emitter;
  if ((imm & OTHER_RESULT) === 0) {
    code
      .get(found)
      .i32(1 << count)
      .i32op("OR", "CTZ");
  } else {
    code.get(found).i32op("CLZ").i32(31).i32op("XOR").i32(count);
    code.get(found).select();
  }
  emitter.setRegister(RCX, 4);
}

/** The lanes that were found, as bits or as whole lanes, into xmm0. */
function putMask(emitter: Emitter, found: number, count: number): void {
  const { code, imm } = emitter;
  if ((imm & OTHER_RESULT) === 0) {
    code.v128().get(found).vector(V.I32X4_REPLACE, 0).set(xmm(emitter, 0));
    return;
  }
  const bits = vectorLocal(emitter, "b");
  if (count === 8) {
    code.get(found).vector(V.I16X8_SPLAT);
    code.v128(...Array.from({ length: 16 }, (_, at) => (at % 2 === 0 ? 1 << (at / 2) : 0)));
    code.tee(bits).vector(V.AND).get(bits).vector(V.I16X8_EQ).set(xmm(emitter, 0));
    return;
  }
  // The lower eight lanes look at the lower byte of the bits, the upper ones at the upper.
  code.get(found).vector(V.I16X8_SPLAT).v128(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  code.vector(V.SWIZZLE).v128(...Array.from({ length: 16 }, (_, at) => 1 << (at % 8)));
  code.tee(bits).vector(V.AND).get(bits).vector(V.I8X16_EQ).set(xmm(emitter, 0));
}

/** C: something was found; Z and S: the second, or the first, text ends; O: the first lane was. */
function setFlags(
  emitter: Emitter,
  found: number,
  lengthA: number,
  lengthB: number,
  count: number,
): void {
  const { code, flags, live } = emitter;
  if (live === 0) {
    flags.set("none");
    return;
  }
  code.get(found).i32(0).i32op("NE");
  code.get(lengthB).i32(count).i32op("LT_U").i32(3).i32op("SHL", "OR");
  code.get(lengthA).i32(count).i32op("LT_U").i32(4).i32op("SHL", "OR");
  code.get(found).i32(1).i32op("AND").i32(5).i32op("SHL", "OR").set(flags.bits);
  flags.set("bits");
}

/** Comparisons of texts in vectors. */
export const TEXT_COMPARISONS: Handlers = {
  pcmpestri: compareTexts(true, true),
  pcmpestrm: compareTexts(true, false),
  pcmpistri: compareTexts(false, true),
  pcmpistrm: compareTexts(false, false),
};
