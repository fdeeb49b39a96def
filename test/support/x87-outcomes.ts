import { FRACTION_BITS } from "./high-precision.ts";
import { type Extended, loadLines, modeLines, PRECISION_WORD, runInUnits } from "./x87-guest.ts";

/** What an instruction leaves. */
export interface Outcome {
  /** From the top on. */
  readonly values: readonly [Extended, Extended];
  readonly status: number;
}

/** An instruction and what is on the stack, ST(0) last. */
export type Case = readonly [name: string, ...operands: Extended[]];

/** Runs instructions on operands, the last of which is ST(0), each in some modes of rounding. */
export function outcomesOf(cases: readonly Case[], modes: readonly number[] = [0]): Outcome[] {
  const programs = cases.flatMap(([name, ...operands]) => {
    const loads = operands.map(([sign, significand]) => loadLines(sign, significand));
    return modes.map(
      (mode) => `${modeLines(PRECISION_WORD.EXTENDED | mode)}
        ${loads.join("\n")}\n${name}\nfnsave out(%rbp)`,
    );
  });
  return runInUnits(programs).map((slot) => {
    const value = (at: number): Extended => [
      slot.getUint16(36 + 10 * at, true),
      slot.getBigUint64(28 + 10 * at, true),
    ];
    return { values: [value(0), value(1)], status: slot.getUint16(4, true) & ~0xb880 };
  });
}

/** The top and the status after each case. */
export function topStatesOf(cases: readonly Case[]): (readonly [Extended, number])[] {
  return outcomesOf(cases).map(({ values, status }) => [values[0], status]);
}

/** A number as one of `high-precision.ts`. */
export function fixed([sign, significand]: Extended): bigint {
  const shift = FRACTION_BITS + BigInt((sign & 0x7fff) - 0x3fff - 63);
  const size = shift >= 0n ? significand << shift : significand >> -shift;
  return sign >= 0x8000 ? -size : size;
}

/** How far a value is from what it should be, in units of its last place and 2^-32 of it. */
export function errorOf(found: Extended, exact: bigint): number {
  const place = BigInt((found[0] & 0x7fff) - 0x3fff - 63) + FRACTION_BITS;
  return Number(((fixed(found) - exact) << 32n) >> place) / 2 ** 32;
}
