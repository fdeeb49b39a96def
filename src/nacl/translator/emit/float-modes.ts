import { TYPE } from "../../../wasm/rewrite/index.ts";
import { GLOBAL, MXCSR_DEFAULT } from "../guest/index.ts";
import { INT, V, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import { predicateOf } from "./float-comparisons.ts";
import type { Handler, Handlers } from "./handler.ts";
import { DROPPED, LANE_OPERATION, LANE_ROUTINES, pushLane } from "./lane-routines.ts";
import { FAULT } from "./module-scope.ts";
import { loadVector, storeVectorRegister, vectorLocal, xmm } from "./vector.ts";

/** Bits of MXCSR. */
const MODE = { DENORMALS_ARE_ZEROS: 0x40, ROUNDING: 0x6000, FLUSH_TO_ZERO: 0x8000 } as const;
const ALL_MODES = MODE.DENORMALS_ARE_ZEROS | MODE.ROUNDING | MODE.FLUSH_TO_ZERO;
const MASKS = 0x1f80;
const EXCEPTIONS = 0x3f;

/** Gives an instruction to the routine of its name. */
function byRoutine(name: string): Handler {
  return (emitter) => {
    loadVector(emitter, emitter.operand(0));
    loadVector(emitter, emitter.operand(1));
    emitter.code.i32(operationOf(name, emitter)).call(emitter.module.routine(name));
    storeVectorRegister(emitter, emitter.operand(0));
  };
}

/** Which operation a routine is to do: rounding by a mode of its own is in bits above it. */
function operationOf(name: string, emitter: Emitter): number {
  const { imm } = emitter;
  if (name.startsWith("cmp")) return predicateOf(emitter);
  if (name.startsWith("round") && (imm & 4) === 0) {
    return LANE_OPERATION.round | (((imm & 3) + 1) << 8);
  }
  const [, operation] = /^h?(add|sub|mul|div|sqrt|round|min|max)/.exec(name) ?? [];
  return LANE_OPERATION[(operation ?? "convert") as keyof typeof LANE_OPERATION];
}

/** An integer of a general register, or of memory, to the lowest lane. */
function ofRegister(to: "single" | "double"): Handler {
  return (emitter) => {
    const { code, size, module } = emitter;
    const place = emitter.place(emitter.operand(0));
    const target = xmm(emitter, place.kind === "register" ? place.register : 0);
    code.get(target).i32(LANE_OPERATION.convert).i64(0).i32(0);
    emitter.load(emitter.operand(1), size);
    if (size === 4) code.op(W.I64_EXTEND_S);
    code.call(module.routine("fromInteger")).i32(DROPPED[to]).call(module.routine("laneOf"));
    if (to === "single") code.op(W.I32_WRAP);
    code.vector(to === "double" ? V.I64X2_REPLACE : V.I32X4_REPLACE, 0).set(target);
  };
}

/** The lowest float to an integer in a general register. */
function toRegister(from: "single" | "double"): Handler {
  return (emitter) => {
    const { code, size, module } = emitter;
    const value = vectorLocal(emitter, "mode");
    loadVector(emitter, emitter.operand(1));
    code.set(value);
    pushLane(code, module, from, [value, 0]);
    code.i32(8 * size).call(module.routine("laneInteger"));
    if (size === 4) code.op(W.I32_WRAP);
    emitter.storeEnd(emitter.operand(0), 0, size);
  };
}

/** Ends the program where a mode is on that has no translation here. */
function refuseIn(emitter: Emitter, modes: number): void {
  const { code } = emitter;
  code.globalGet(GLOBAL.MXCSR).i32(modes).i32op("AND").if();
  emitter.fault(FAULT.UNSUPPORTED);
  code.end();
}

/** What instructions do in other modes than those at the start. */
const IN_OTHER_MODES: Handlers = {
  ...Object.fromEntries(Object.keys(LANE_ROUTINES).map((name) => [name, byRoutine(name)])),
  cvtsi2ssl: ofRegister("single"),
  cvtsi2sdl: ofRegister("double"),
  "cvtss2si*": toRegister("single"),
  "cvtsd2si*": toRegister("double"),
};

/** Instructions that other modes would change, and which have no translation in these. */
const REFUSED: Readonly<Record<string, number>> = {
  dpps: ALL_MODES,
  dppd: ALL_MODES,
  cvtpi2ps: MODE.ROUNDING,
  cvtps2pi: MODE.ROUNDING | MODE.DENORMALS_ARE_ZEROS,
  cvtpd2pi: MODE.ROUNDING | MODE.DENORMALS_ARE_ZEROS,
};

/** ucomis and comis: operands that are kept for the flags are zeros if denormals are. */
function comparedAsZeros(double: boolean, handler: Handler): Handler {
  return (emitter) => {
    handler(emitter);
    const { code } = emitter;
    code.globalGet(GLOBAL.MXCSR).i32(MODE.DENORMALS_ARE_ZEROS).i32op("AND").if();
    for (const name of ["float a", "float b"]) {
      const value = emitter.scratch(name, double ? TYPE.F64 : TYPE.F32);
      code.get(value).op(double ? W.I64_REINTERPRET : W.I32_REINTERPRET);
      if (double) code.i64(0, 0x7ff0_0000).i64op("AND", "EQZ");
      else code.i32(0x7f80_0000).i32op("AND", "EQZ");
      code.if();
      if (double) code.i64(0).op(W.F64_REINTERPRET);
      else code.i32(0).op(W.F32_REINTERPRET);
      code.set(value).end();
    }
    code.end();
  };
}

/** What an instruction does in the modes of MXCSR, where the program may change them. */
export function inAllModes(name: string, plain: Handler): Handler {
  const slow = IN_OTHER_MODES[name];
  const refused = REFUSED[name] ?? 0;
  const compared = /^u?comis([sd])$/.exec(name)?.[1];
  const both = compared === undefined ? undefined : comparedAsZeros(compared === "d", plain);
  if (slow === undefined && refused === 0 && both === undefined) return plain;
  return (emitter) => {
    const { code, module, at, live } = emitter;
    if (!module.floatModes) plain(emitter);
    else if (both !== undefined) both(emitter);
    else if (slow === undefined) {
      refuseIn(emitter, refused);
      plain(emitter);
    } else {
      code.globalGet(GLOBAL.MXCSR).i32(MXCSR_DEFAULT).i32op("NE").if();
      slow(emitter);
      emitter.begin(at, live);
      code.else();
      plain(emitter);
      code.end();
      emitter.begin(at, live);
    }
  };
}

/** Exceptions have to stay masked, and are not noted. */
const loadState: Handler = (emitter) => {
  const { code, module } = emitter;
  const word = emitter.int("modes", 4);
  emitter.loadMemory(4);
  code.tee(word).i32(0xffff).i32op("GT_U").if();
  emitter.fault(FAULT.HALT);
  code.end().get(word);
  // Code that was made at run time may ask for modes that the rest was not translated for.
  const fixed = module.floatModes ? MASKS : ~EXCEPTIONS;
  code.i32(fixed).i32op("AND").i32(MXCSR_DEFAULT).i32op("NE").if();
  emitter.fault(FAULT.UNSUPPORTED);
  code.end().get(word).i32(~EXCEPTIONS).i32op("AND").globalSet(GLOBAL.MXCSR);
};

const storeState: Handler = (emitter) => {
  const offset = emitter.address();
  emitter.code.globalGet(GLOBAL.MXCSR).memory(INT.STORE[0], offset);
};

/** MXCSR itself. */
export const FLOAT_STATE: Handlers = { ldmxcsr: loadState, stmxcsr: storeState };
