import { describe, expect, it } from "vitest";
import {
  angle,
  cosine,
  FRACTION_BITS,
  logarithmOfNext,
  powerLessOne,
  ratio,
  sine,
  UNIT,
} from "../../../../test/support/high-precision.ts";
import {
  CONDITION,
  EXCEPTION,
  type Extended,
  ROUNDING,
} from "../../../../test/support/x87-guest.ts";
import { type Case, errorOf, fixed, outcomesOf } from "../../../../test/support/x87-outcomes.ts";

const { C1 } = CONDITION;
const { PRECISION } = EXCEPTION;
const TOP = 1n << 63n;
/** Half of the pi of processors, which has 66 bits. */
const HALF_PI = 0x3_243f_6a88_85a3_08d3n << (FRACTION_BITS - 65n);

/** Sine and cosine of what is left beside the nearest multiple of half of the processors' pi. */
function waves(x: bigint): readonly [sine: bigint, cosine: bigint] {
  const size = x < 0n ? -x : x;
  const quadrant = (size + HALF_PI / 2n) / HALF_PI;
  const rest = size - quadrant * HALF_PI;
  const [s, c] = [sine(rest), cosine(rest)];
  const turned = [
    [s, c],
    [c, -s],
    [-s, -c],
    [-c, s],
  ] as const;
  const [y, z] = turned[Number(quadrant & 3n)] ?? [s, c];
  return [x < 0n ? -y : y, z];
}

/** What the instructions compute, of ST(0) and ST(1). */
const EXACT: Readonly<Record<string, (x: bigint, y: bigint) => bigint>> = {
  fsin: (x) => waves(x)[0],
  fcos: (x) => waves(x)[1],
  fptan: (x) => ratio(...waves(x)),
  fpatan: (x, y) => angle(y, x),
  f2xm1: (x) => powerLessOne((x * logarithmOfNext(UNIT)) >> FRACTION_BITS),
  fyl2x: (x, y) => (y * logarithmOfNext(x - UNIT)) / logarithmOfNext(UNIT),
  fyl2xp1: (x, y) => (y * logarithmOfNext(x)) / logarithmOfNext(UNIT),
};

/** Exponents of the operand, where it has to be in a range, and whether it has to be positive. */
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  fsin: [-40, 62],
  fcos: [-20, 62],
  fptan: [-40, 62],
  fpatan: [-30, 30],
  f2xm1: [-60, -1],
  fyl2x: [-4, 3],
  fyl2xp1: [-60, -1],
};

/** Numbers that are the same each time. */
function createNumbers(seed: bigint): () => bigint {
  let state = seed;
  return () => {
    state = (state * 0x5851_f42d_4c95_7f2dn + 0x1405_7b7e_f767_814fn) & (2n ** 64n - 1n);
    return state ^ (state >> 33n);
  };
}

function operandsOf(name: string, count: number): (readonly [y: Extended, x: Extended])[] {
  const next = createNumbers(BigInt(name.length) + 1n);
  const [least = 0, most = 0] = RANGES[name] ?? [];
  return Array.from({ length: count }, () => {
    const span = BigInt(most - least + 1);
    const exponent = 0x3fff + least + Number((next() >> 16n) % span);
    const sign = name === "fyl2x" ? 0 : Number((next() >> 20n) & 1n) << 15;
    const y: Extended = [0x3fff + Number((next() >> 16n) % 20n) - 10, next() | TOP];
    return [y, [exponent | sign, next() | TOP]];
  });
}

const TWO_OPERANDS = ["fpatan", "fyl2x", "fyl2xp1"];
const MODES = Object.values(ROUNDING);

/** Whether a result is the nearest in its mode, and the status says how it was rounded. */
function expectRounded(mode: number, error: number, exact: bigint, status: number): void {
  const away = error !== 0 && error > 0 === exact > 0n;
  expect(status).toBe(away ? PRECISION | C1 : PRECISION);
  // An error of a double has its own: 2^-32 of the last place.
  expect(Math.abs(error)).toBeLessThan(mode === ROUNDING.NEAREST ? 0.500001 : 1.000001);
  if (mode === ROUNDING.CUT) expect(away).toBe(false);
  if (mode === ROUNDING.DOWN) expect(error).toBeLessThanOrEqual(0);
  if (mode === ROUNDING.UP) expect(error).toBeGreaterThanOrEqual(0);
}

describe("transcendental instructions", () => {
  it.each(Object.keys(EXACT))("%s is right to half of the last place, in each mode", (name) => {
    const operands = operandsOf(name, 24);
    const cases = operands.map(
      ([y, x]): Case => (TWO_OPERANDS.includes(name) ? [name, y, x] : [name, x]),
    );
    const outcomes = outcomesOf(cases, MODES);
    for (const [at, [y, x]] of operands.entries()) {
      const exact = EXACT[name]?.(fixed(x), fixed(y)) ?? 0n;
      for (const [number, mode] of MODES.entries()) {
        const outcome = outcomes[at * MODES.length + number];
        const found = outcome?.values[name === "fptan" ? 1 : 0] ?? [0, 0n];
        expectRounded(mode, errorOf(found, exact), exact, outcome?.status ?? 0);
      }
    }
  });

  it("fsincos gives what fsin and fcos give", () => {
    const operands = operandsOf("fsin", 24).map(([, x]) => x);
    const both = outcomesOf(operands.map((x) => ["fsincos", x]));
    const sines = outcomesOf(operands.map((x) => ["fsin", x]));
    const cosines = outcomesOf(operands.map((x) => ["fcos", x]));
    expect(both).toEqual(
      sines.map(({ values, status }, at) => ({
        values: [cosines[at]?.values[0], values[0]],
        status,
      })),
    );
  });
});
