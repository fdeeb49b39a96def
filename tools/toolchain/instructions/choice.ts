import { type Form, HIGH_BYTE } from "../../../src/nacl/x86/index.ts";
import type { Dice } from "../../../test/support/dice.ts";
import { needsAlignment } from "./alignment.ts";
import { immediateOf } from "./immediates.ts";
import { PLACE, RECORD } from "./layout.ts";
import { type Address, type Operation, textOfOperation } from "./operation.ts";
import type { Shape } from "./shapes.ts";

const TRIES = 200;
const R15 = 15;
const RSP = 4;

/** An operation, and how it reads in assembly. */
export interface Chosen {
  readonly operation: Operation;
  readonly text: string;
}

/** Makes a memory operand for an instruction with this register in modrm.reg. */
export type AddressMaker = (dice: Dice, shape: Shape) => Address;

/**
 * Registers, an address and constants, until the bytes are an instruction of the form.
 * @param immediate the bytes of the constants, where they are not to be random
 */
export function choose(
  dice: Dice,
  shape: Shape,
  immediate?: readonly number[],
  makeAddress: AddressMaker = anyAddress,
): Chosen {
  const { form, size, lock, repeat } = shape;
  for (let tried = 0; tried < TRIES; tried++) {
    const reg = registerFor(dice, form, ["reg"], ["xmm-reg"], ["mm-reg"]);
    const other = registerFor(dice, form, ["rm", "opcode"], ["xmm-rm"], ["mm-rm"]);
    // One register twice: r15 is a vector then, as no instruction is to change the general one.
    const twice = dice.below(6) === 0 && (reg !== R15 || !hasGeneral(form));
    const operation: Operation = {
      form,
      size,
      reg,
      rm: shape.inMemory ? makeAddress(dice, shape) : twice ? reg : other,
      vvvv: furtherRegister(dice, form),
      immediate: immediate ?? immediateOf(dice, form, size),
      lock,
      repeat,
      wide: typeof form.size === "number" && dice.below(4) === 0,
    };
    const text = textOfOperation(operation);
    if (text !== undefined) return { operation, text };
  }
  throw new Error(`no encoding of ${form.names.join()} (form ${form.id}) is found`);
}

/** That of VEX.vvvv: where it names none, processors want it to be 0, though the rules may not. */
function furtherRegister(dice: Dice, form: Form): number {
  if (form.operands.some(({ kind }) => kind === "xmm-vvvv")) return dice.below(16);
  return form.marks.has("any-vvvv") && dice.below(4) === 0 ? dice.below(16) : 0;
}

function hasGeneral(form: Form): boolean {
  return form.operands.some(({ kind }) => kind === "rm" || kind === "opcode");
}

function registerFor(
  dice: Dice,
  form: Form,
  general: readonly string[],
  vector: readonly string[],
  half: readonly string[],
): number {
  for (const { kind, size } of form.operands) {
    if (vector.includes(kind)) return dice.below(16);
    if (half.includes(kind)) return dice.below(8);
    if (!general.includes(kind)) continue;
    // The second bytes of four registers are chosen as often as any.
    const at = dice.below(size === 1 ? R15 + 4 : R15);
    return at < R15 ? at : HIGH_BYTE + at - R15;
  }
  return 0;
}

/**
 * Whether the result of an instruction has the base of the sandbox, where its address has: the
 * loader puts guests at 0, and not where the guest has to see itself.
 */
export function showsBase({ form, size }: Pick<Shape, "form" | "size">): boolean {
  return form.names[0] === "lea*" && size === 8;
}

/** An operand in the window by any registers, or none. */
function anyAddress(dice: Dice, shape: Shape): Address {
  const { form, size } = shape;
  const offset = offsetFor(dice, form, size);
  const kind = showsBase(shape) ? dice.of([1, 3, 4, 5, 6, 7]) : dice.below(8);
  if (kind < 2) return fixedAddress(kind === 0 ? "rip" : "absolute", offset);
  const free = freeRegisters(form);
  const base = kind === 2 ? R15 : (free[dice.below(free.length)] ?? 0);
  const others = free.filter((register) => register !== base && register !== RSP);
  const index = kind > 4 || kind === 2 ? others[dice.below(others.length)] : undefined;
  const scale = index === undefined ? 0 : dice.below(4);
  let disp = dice.of([0, 0, 8, -8, 127, -128, 0x1234, -0x5678_9a]);
  // Where only the index leads to the window, whole steps of it have to.
  if (kind === 2) disp += (PLACE.window + offset - disp) & ((1 << scale) - 1);
  return { mode: "registers", base, index, scale, disp, offset };
}

/** An operand in the window that no register leads to. */
export function fixedAddress(mode: "rip" | "absolute", offset: number): Address {
  return { mode, base: undefined, index: undefined, scale: 0, disp: 0, offset };
}

/** Registers but for those that the instruction needs with a value of their own. */
function freeRegisters(form: Form): number[] {
  const implicit = ["rax", "rcx", "rdx", "rbx"];
  const taken = form.operands.map(({ kind }) => implicit.indexOf(kind));
  if (/^(push|pop)/.test(form.names[0] ?? "")) taken.push(RSP);
  const all = Array.from({ length: R15 }, (_, register) => register);
  return all.filter((register) => !taken.includes(register));
}

/** Where in the window an operand may begin. */
export function offsetFor(dice: Dice, form: Form, size: number): number {
  const operand = form.operands.find(({ kind }) =>
    ["rm", "memory", "xmm-rm", "mm-rm"].includes(kind),
  );
  const bytes = form.marks.has("double") ? 2 * size : operand?.memorySize || size || 1;
  if (needsAlignment(form, bytes)) return bytes * dice.below(RECORD.windowBytes / bytes);
  return dice.below(RECORD.windowBytes - Math.min(bytes, 32) - 1);
}
