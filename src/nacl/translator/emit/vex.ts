import { FORMS, type Form, type Operand, type OperandKind } from "../../x86/index.ts";
import { V } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";
import { FAULT } from "./module-scope.ts";
import { type Place, REGISTERS } from "./place.ts";
import { STAND_IN, type StandIn } from "./stand-in.ts";
import { loadVector, vectorLocal, xmm } from "./vector.ts";
import { HALF, type HalfNumber, pushHalf, vectorOf, WHOLE } from "./vex-halves.ts";

/** Bytes of a shuffle that takes the lower halves of both vectors. */
const LOWER_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Emits one half: a result in a vector register is left in the place for it. */
type EmitHalf = (emitter: Emitter, half: HalfNumber) => void;

/** How the halves of the source follow from it: each its own, or from parts of what is shorter. */
type Split = "halves" | "parts";

/** Bits of the constant that are for the lower half only, by name. */
const CONSTANT_BITS: Readonly<Record<string, number>> = {
  vmpsadbw: 3,
  vblendps: 4,
  vpblendd: 4,
  vblendpd: 2,
  vshufpd: 2,
  vpermilpd: 2,
};

/** Instructions of SSE that do what these do, but for their names. */
const ALIASES: Readonly<Record<string, string>> = { vpermilps: "pshufd", vpblendd: "blendps" };

/** The instruction of SSE that one with VEX is by its name and opcode; undefined for none. */
function baseOf(form: Form): Form | undefined {
  const [name = ""] = form.names;
  const isPermutation = name === "vpermilps" && form.immediate === "none";
  const plain = (isPermutation ? undefined : ALIASES[name]) ?? name.slice(1).replace(/y$/, "");
  const named = FORMS.filter(({ names, vex, operands }) => {
    const isMmx = operands.some(({ kind }) => kind.startsWith("mm-"));
    return vex === undefined && names[0] === plain && !isMmx;
  });
  if (named.length === 1) return named[0];
  return named.find(
    ({ opcode, modrm }) =>
      opcode === form.opcode &&
      modrm.extension === form.modrm.extension &&
      modrm.memory === form.modrm.memory,
  );
}

/** A form with the operands that one of SSE would have: the destination is the first source. */
function narrowed(form: Form): Form {
  const [to, ...others] = form.operands;
  const sources = others.filter(({ kind }) => kind !== "xmm-vvvv");
  const half = (operand: Operand): Operand => ({
    ...operand,
    size: Math.min(operand.size, HALF),
    memorySize: Math.min(operand.memorySize, HALF),
  });
  return { ...form, operands: (to === undefined ? sources : [to, ...sources]).map(half) };
}

/**
 * What emits an instruction with VEX half by half.
 * @param base those of SSE, by their names, with what the modes of MXCSR make of them
 * @param more those for which there is none in SSE, written as if there were
 */
export function byHalves(
  form: Form,
  base: (name: string) => Handler | undefined,
  more: Handlers,
): Handler | undefined {
  const [name = ""] = form.names;
  const similar = baseOf(form);
  const own = form.immediate === "byte" && name.startsWith("vpermil") ? `${name} byte` : name;
  const handler = more[own] ?? (similar === undefined ? undefined : base(nameOf(similar)));
  if (handler === undefined) return undefined;
  const like = more[own] !== undefined || similar === undefined ? narrowed(form) : similar;
  const isWide = form.operands.some(({ size }) => size === WHOLE);
  const split = isWide && /^v(pmov[sz]x|cvtps2pd|cvtdq2pd)/.test(name) ? "parts" : "halves";
  const emitHalf = halfOf(form, like, handler, split);
  return (emitter) => {
    if (form.marks.has("any-vvvv") && emitter.text.vvvv[emitter.at] !== 0) {
      emitter.fault(FAULT.UNDEFINED);
      return;
    }
    const [to] = form.operands;
    const target = to?.writes === true ? vectorOf(emitter, to) : undefined;
    const result = xmm(emitter, STAND_IN.destination);
    emitHalf(emitter, 0);
    if (isWide) {
      // The upper half may be made of what the lower one is written to.
      const lower = vectorLocal(emitter, "lower half");
      if (target !== undefined) emitter.code.get(result).set(lower);
      emitHalf(emitter, 1);
      if (target !== undefined) putHalves(emitter, target, lower, result, to?.size === HALF);
      return;
    }
    if (target !== undefined) emitter.code.get(result).set(xmm(emitter, target));
    clearUpper(emitter, form);
  };
}

/** Writes both halves of a result, or joins their lower halves where they are that short. */
function putHalves(
  emitter: Emitter,
  target: number,
  lower: number,
  upper: number,
  joins: boolean,
): void {
  const { code } = emitter;
  code.get(lower);
  if (joins) code.get(upper).vector(V.SHUFFLE, ...LOWER_HALVES);
  code.set(xmm(emitter, target));
  if (joins) emitter.upper.clear(target);
  else {
    code.get(upper);
    emitter.upper.set(target);
  }
}

function nameOf({ names }: Form): string {
  return names[0] ?? "";
}

/** Clears the upper halves of registers that an instruction of 128 bits writes. */
function clearUpper(emitter: Emitter, { operands }: Form): void {
  for (const operand of operands) {
    const register = operand.writes ? vectorOf(emitter, operand) : undefined;
    if (register !== undefined) emitter.upper.clear(register);
  }
}

function halfOf(form: Form, like: Form, handler: Handler, split: Split): EmitHalf {
  const [to] = form.operands;
  return (emitter, half) => {
    const places = placesOf(emitter, form, like, half, split);
    const target = to?.writes === true ? vectorOf(emitter, to) : undefined;
    if (to !== undefined && target !== undefined) {
      const place = REGISTERS[STAND_IN.destination];
      const [first] = like.operands;
      if (first !== undefined && place !== undefined) places[first.kind] = place;
      pushMerged(emitter, form, like, half);
    }
    runAs(emitter, standInOf(emitter, form, like, half, places), handler);
  };
}

/** Puts the further source where the instruction of SSE finds its destination. */
function pushMerged(emitter: Emitter, form: Form, like: Form, half: HalfNumber): void {
  const [, source] = form.operands;
  if (form.operands.length === like.operands.length || source === undefined) return;
  const register = vectorOf(emitter, source);
  if (register === undefined) return;
  pushHalf(emitter, register, half);
  emitter.code.set(xmm(emitter, STAND_IN.destination));
}

type Places = Partial<Record<OperandKind, Place>>;

/** Where the sources of a half are. */
function placesOf(
  emitter: Emitter,
  form: Form,
  like: Form,
  half: HalfNumber,
  split: Split,
): Places {
  const places: Places = {};
  const [, source, mask] = like.operands;
  const put = (kind: OperandKind, operand: Operand, register: number): void => {
    const from = vectorOf(emitter, operand);
    if (from === undefined) return;
    const isUpper = half === 1 && operand.size === WHOLE;
    if (isUpper) {
      emitter.upper.push(from);
      emitter.code.set(xmm(emitter, register));
    }
    const place = REGISTERS[isUpper ? register : from];
    if (place !== undefined) places[kind] = place;
  };
  const named = form.operands.slice(1).find(({ kind }) => kind === source?.kind);
  if (source !== undefined && named !== undefined) put(source.kind, named, STAND_IN.source);
  const by = form.operands.find(({ kind }) => kind === "xmm-imm");
  if (mask !== undefined && by !== undefined) put(mask.kind, by, STAND_IN.mask);
  if (split === "parts" && named !== undefined) putPart(emitter, named, half, places);
  return places;
}

/** The source is shorter than the destination: half of it becomes half of the result. */
function putPart(emitter: Emitter, source: Operand, half: HalfNumber, places: Places): void {
  const { code } = emitter;
  const whole = vectorLocal(emitter, "parts");
  const from = xmm(emitter, STAND_IN.source);
  if (half === 0) {
    loadVector(emitter, source);
    code.tee(whole).set(from);
  } else {
    const start = source.size / 2;
    const bytes = Array.from({ length: HALF }, (_, at) => (at + start) % HALF);
    code
      .get(whole)
      .get(whole)
      .vector(V.SHUFFLE, ...bytes)
      .set(from);
  }
  const place = REGISTERS[STAND_IN.source];
  if (place !== undefined) places[source.kind] = place;
}

function standInOf(
  emitter: Emitter,
  form: Form,
  like: Form,
  half: HalfNumber,
  places: Places,
): StandIn {
  const imm = half === 0 ? emitter.imm : emitter.imm >> (CONSTANT_BITS[nameOf(form)] ?? 0);
  const isWhole = form.operands.some(
    ({ kind, size }) => size === WHOLE && (kind === "xmm-rm" || kind === "memory"),
  );
  return { form: like, imm, places, distance: half === 1 && isWhole ? HALF : 0 };
}

function runAs(emitter: Emitter, standIn: StandIn, handler: Handler): void {
  emitter.standIn = standIn;
  handler(emitter);
  emitter.standIn = undefined;
}
