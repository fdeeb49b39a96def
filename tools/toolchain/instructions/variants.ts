import type { Form } from "../../../src/nacl/x86/index.ts";
import { Dice } from "../../../test/support/dice.ts";
import { choose } from "./choice.ts";
import { ALL, type Observer, observersOf } from "./observers.ts";
import { sequenceOf } from "./sequences.ts";
import { allShapes, type Shape } from "./shapes.ts";
import { undefinedFlags } from "./undefined.ts";
import type { Variant } from "./variant.ts";

/** Variants of a shape with all flags looked at: registers and addresses differ. */
const PLAIN_VARIANTS = 4;
/** The same where a constant is a part of the instruction. */
const CONSTANT_VARIANTS = 8;
/** Constants of a comparison of texts that mean something else each. */
const TEXT_MODES = 128;
const SEQUENCES = 2048;

/** Every variant, the same ones for the same seed. */
export function allVariants(seed: number): Variant[] {
  const variants: Variant[] = [];
  const shapes = allShapes();
  for (const [number, shape] of shapes.entries()) {
    const dice = new Dice(seed * 8191 + number);
    for (const [ordinal, observer] of observersFor(dice, shape).entries()) {
      const constants = isTextComparison(shape.form) ? [ordinal] : undefined;
      const { operation, text } = choose(dice, shape, constants);
      variants.push({
        index: variants.length,
        operations: [operation],
        text,
        observer,
        undefinedFlags: (start) => undefinedFlags(operation, start),
      });
    }
  }
  for (let number = 0; number < SEQUENCES; number++) {
    const dice = new Dice(seed * 8191 + shapes.length + number);
    variants.push({ index: variants.length, ...sequenceOf(dice, shapes) });
  }
  return variants;
}

function observersFor(dice: Dice, { form }: Shape): Observer[] {
  const constants = isTextComparison(form) ? TEXT_MODES : CONSTANT_VARIANTS;
  const count = form.immediate === "none" ? PLAIN_VARIANTS : constants;
  return [...new Array<Observer>(count).fill(ALL), ...observersOf(dice, form)];
}

function isTextComparison(form: Form): boolean {
  return /^v?pcmp[ei]str/.test(form.names[0] ?? "");
}
