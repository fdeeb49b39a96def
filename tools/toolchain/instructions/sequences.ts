import { FLAG, type Form } from "../../../src/nacl/x86/index.ts";
import type { Dice } from "../../../test/support/dice.ts";
import {
  type AddressMaker,
  type Chosen,
  choose,
  fixedAddress,
  offsetFor,
  showsBase,
} from "./choice.ts";
import { ALL, anyObserver } from "./observers.ts";
import type { Operation } from "./operation.ts";
import type { Shape } from "./shapes.ts";
import type { Variant } from "./variant.ts";

const LENGTH_MAX = 10;
const TRIES = 1000;
const RSP = 4;
/** Leads to the window in all of a sequence. */
const R13 = 13;

/** What leaves the path, or needs registers that instructions before it may have changed. */
const UNFIT =
  /^(push|pop|i?div|sh[lr]d|v?maskmov(q|dqu)|v?rcp|v?rsqrt|cpuid|v?ldmxcsr|v?stmxcsr|emms|cl[cd]$)/;

/** A random sequence of instructions that none faults in, and no flag is read without a meaning. */
export function sequenceOf(dice: Dice, shapes: readonly Shape[]): Omit<Variant, "index"> {
  const integers = shapes.filter(({ form }) => form.group === "integer" && isFit(form));
  const all = shapes.filter(({ form }) => isFit(form));
  const chosen: Chosen[] = [];
  let free = 0;
  const length = 2 + dice.below(LENGTH_MAX - 1);
  for (let tried = 0; chosen.length < length && tried < TRIES; tried++) {
    const from = dice.below(4) === 0 ? all : integers;
    const shape = from[dice.below(from.length)];
    if (shape === undefined || (shape.form.flagsRead & free) !== 0) continue;
    const one = choose(dice, shape, undefined, addressInWindow);
    if (touchesPointers(one.operation)) continue;
    chosen.push(one);
    free = undefinedBehind(shape.form, free);
  }
  return {
    operations: chosen.map(({ operation }) => operation),
    text: chosen.map(({ text }) => text).join("; "),
    observer: dice.below(2) === 0 ? ALL : anyObserver(dice),
    undefinedFlags: () => free,
  };
}

function isFit(form: Form): boolean {
  const apart = form.group === "string" || form.group === "sse4a" || form.flow !== "next";
  return !apart && !UNFIT.test(form.names[0] ?? "");
}

const addressInWindow: AddressMaker = (dice, shape) => {
  const offset = offsetFor(dice, shape.form, shape.size);
  if (dice.below(3) === 0) {
    const isRelative = dice.below(2) === 0 && !showsBase(shape);
    return fixedAddress(isRelative ? "rip" : "absolute", offset);
  }
  return { mode: "registers", base: R13, index: undefined, scale: 0, disp: offset, offset };
};

/** Whether a general register is named that is to keep its value. */
function touchesPointers({ form, reg, rm }: Operation): boolean {
  return form.operands.some(({ kind }) => {
    const register = kind === "reg" ? reg : kind === "rm" || kind === "opcode" ? rm : -1;
    return register === R13 || register === RSP;
  });
}

/** Flags without a meaning behind an instruction: a count that is not known may be any. */
function undefinedBehind(form: Form, before: number): number {
  const { C, A, O } = FLAG;
  if (form.flagsKept !== 0) return before | form.flagsUndefined | C | A | O;
  return (before & ~form.flagsWritten) | form.flagsUndefined;
}
