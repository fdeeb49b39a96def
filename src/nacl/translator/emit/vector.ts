import { TYPE } from "../../../wasm/rewrite/index.ts";
import type { Operand } from "../../x86/index.ts";
import { GLOBAL } from "../guest/index.ts";
import { INT, V, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";

/** Whether an operand is one of the 64-bit registers, or memory in place of one. */
export function isMmx(operand: Operand): boolean {
  return operand.kind.startsWith("mm-");
}

/** Local of an xmm register. */
export function xmm(emitter: Emitter, register: number): number {
  return emitter.register(GLOBAL.XMM + register);
}

/** Pushes 128 bits; of shorter memory the rest is zero, of 64-bit registers both halves equal. */
export function loadVector(emitter: Emitter, operand: Operand): void {
  const { code } = emitter;
  const place = emitter.place(operand);
  if (place.kind === "register") {
    if (isMmx(operand)) {
      code.globalGet(GLOBAL.MM + place.register).vector(V.I64X2_SPLAT);
    } else code.get(xmm(emitter, place.register));
    return;
  }
  const offset = emitter.address();
  const size = isMmx(operand) ? Math.min(operand.memorySize, 8) : operand.memorySize;
  if (size === 16) code.vectorMemory(V.LOAD, offset);
  else if (size === 8) code.vectorMemory(V.LOAD64_ZERO, offset);
  else if (size === 4) code.vectorMemory(V.LOAD32_ZERO, offset);
  else {
    code.memory(size === 2 ? INT.LOAD16_U[0] : INT.LOAD8_U[0], offset);
    code.set(emitter.int("lane", 4)).v128().get(emitter.int("lane", 4));
    code.vector(V.I32X4_REPLACE, 0);
  }
}

/** Pops 128 bits into a register; of 64-bit registers the lower half. */
export function storeVectorRegister(emitter: Emitter, operand: Operand): void {
  const place = emitter.place(operand);
  const register = place.kind === "register" ? place.register : 0;
  if (isMmx(operand)) {
    emitter.code.vector(V.I64X2_EXTRACT, 0).globalSet(GLOBAL.MM + register);
  } else emitter.code.set(xmm(emitter, register));
}

/** Writes what `push` pushes into a register or memory of 16 or 8 bytes. */
export function storeVector(emitter: Emitter, operand: Operand, push: () => void): void {
  if (emitter.place(operand).kind === "register") {
    push();
    storeVectorRegister(emitter, operand);
    return;
  }
  const offset = emitter.address();
  push();
  if (operand.memorySize === 16) emitter.code.vectorMemory(V.STORE, offset);
  else emitter.code.vectorMemory(V.STORE64_LANE, offset, 0);
}

/** A scratch local for a vector. */
export function vectorLocal(emitter: Emitter, name: string): number {
  return emitter.scratch(name, TYPE.V128);
}

/** Pushes the scalar of a source operand: the lowest lane, or memory. */
export function loadScalar(emitter: Emitter, operand: Operand, double: boolean): void {
  const { code } = emitter;
  const place = emitter.place(operand);
  if (place.kind === "register") {
    if (emitter.low.isKnown) emitter.low.push(place.register, double);
    else {
      code.get(xmm(emitter, place.register));
      code.vector(double ? V.F64X2_EXTRACT : V.F32X4_EXTRACT, 0);
    }
    return;
  }
  const offset = emitter.address();
  code.memory(double ? W.F64_LOAD : W.F32_LOAD, offset);
}

/** Writes a scalar that `push` pushes into the lowest lane of a register. */
export function storeScalar(
  emitter: Emitter,
  operand: Operand,
  double: boolean,
  push: () => void,
): void {
  const place = emitter.place(operand);
  const register = place.kind === "register" ? place.register : 0;
  if (emitter.low.isKnown) {
    push();
    emitter.low.pop(register, double);
    return;
  }
  const local = xmm(emitter, register);
  emitter.code.get(local);
  push();
  emitter.code.vector(double ? V.F64X2_REPLACE : V.F32X4_REPLACE, 0).set(local);
}
