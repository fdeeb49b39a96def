import type { Form } from "../../../src/nacl/x86/index.ts";
import type { Dice } from "../../../test/support/dice.ts";

/** Counts of shifts, and other small constants that matter. */
export const COUNTS = [
  ...[0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 63, 64, 65, 127, 128, 255],
] as const;

/** The bytes of what is skipped by a jump: `movb $0x5a, window+63(%r15)`. */
export const SKIPPED_BYTES = 8;

/** The bytes of the constants of an instruction. */
export function immediateOf(dice: Dice, form: Form, size: number): number[] {
  switch (form.immediate) {
    case "near":
      return [SKIPPED_BYTES];
    case "far":
      return [SKIPPED_BYTES, 0, 0, 0];
    case "signed":
    case "byte":
      return [byteOf(dice, form, size)];
    case "register":
      return [16 * dice.below(16)];
    case "pair":
      return [dice.below(64), dice.below(64)];
    case "word":
      return wordOf(dice, size === 2 ? 2 : 4);
    case "full":
      return wordOf(dice, size);
    default:
      return [];
  }
}

function byteOf(dice: Dice, form: Form, size: number): number {
  const [name = ""] = form.names;
  // With more than the operand has, the result of these has no meaning.
  if (/^sh[lr]d/.test(name) && size === 2) return dice.below(17) + 32 * dice.below(8);
  // Bits that ask for more exceptions, or none, change nothing.
  return dice.below(2) === 0 ? dice.below(256) : dice.of(COUNTS);
}

function wordOf(dice: Dice, bytes: number): number[] {
  const kind = dice.below(4);
  const fill = dice.of([0, 0xff]);
  return Array.from({ length: bytes }, (_, at) => {
    if (kind === 0) return fill;
    if (kind === 1) return at === bytes - 1 ? dice.of([0x7f, 0x80]) : fill;
    if (kind === 2) return at === 0 ? dice.below(256) : fill;
    return dice.below(256);
  });
}
