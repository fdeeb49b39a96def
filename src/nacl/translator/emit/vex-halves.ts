import { NO_REGISTER, type Operand } from "../../x86/index.ts";
import { V } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import { loadVector, vectorLocal, xmm } from "./vector.ts";

/** Bytes of a whole vector register, and of the half that SSE knows. */
export const WHOLE = 32;
export const HALF = 16;

/** Half of the registers: 0 for the lower. */
export type HalfNumber = 0 | 1;

/** The number of the register that an operand names; undefined for memory, or no vector. */
export function vectorOf(emitter: Emitter, { kind }: Operand): number | undefined {
  const { text, at } = emitter;
  switch (kind) {
    case "xmm-reg":
      return text.reg[at];
    case "xmm-vvvv":
      return text.vvvv[at];
    case "xmm-imm":
      return text.imm[at];
    case "xmm0":
      return 0;
    case "xmm-rm":
      return text.rm[at] === NO_REGISTER ? undefined : text.rm[at];
    default:
      return undefined;
  }
}

/** Pushes half of a register. */
export function pushHalf(emitter: Emitter, register: number, half: HalfNumber): void {
  if (half === 0) emitter.code.get(xmm(emitter, register));
  else emitter.upper.push(register);
}

/** Pops half of a register. */
export function setHalf(emitter: Emitter, register: number, half: HalfNumber): void {
  if (half === 0) emitter.code.set(xmm(emitter, register));
  else emitter.upper.set(register);
}

/** Lets what is emitted access memory so many bytes behind the operand. */
export function atDistance(emitter: Emitter, distance: number, emit: () => void): void {
  const { form, imm } = emitter;
  emitter.standIn = { form, imm, places: {}, distance };
  emit();
  emitter.standIn = undefined;
}

/** Puts an operand into locals, its halves one behind the other. */
export function takeHalves(emitter: Emitter, operand: Operand, name: string): readonly number[] {
  const { code } = emitter;
  const register = vectorOf(emitter, operand);
  return ([0, 1] as const).slice(0, operand.size === WHOLE ? 2 : 1).map((half) => {
    const local = vectorLocal(emitter, `${name} ${half}`);
    if (register !== undefined) pushHalf(emitter, register, half);
    else if (operand.memorySize !== WHOLE) loadVector(emitter, operand);
    else atDistance(emitter, half * HALF, () => code.vectorMemory(V.LOAD, emitter.address()));
    code.set(local);
    return local;
  });
}

/** Pops the halves of a result, the lower one first on the stack; else clears the upper one. */
export function putResult(emitter: Emitter, operand: Operand): void {
  const register = vectorOf(emitter, operand) ?? 0;
  if (operand.size === WHOLE) setHalf(emitter, register, 1);
  else emitter.upper.clear(register);
  setHalf(emitter, register, 0);
}
