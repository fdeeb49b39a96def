import { describe, expect, it } from "vitest";
import { pi } from "../../../../test/support/high-precision.ts";
import { CONDITION, EXCEPTION, type Extended } from "../../../../test/support/x87-guest.ts";
import { errorOf, outcomesOf, topStatesOf } from "../../../../test/support/x87-outcomes.ts";

const { C1, C2 } = CONDITION;
const { INVALID, DENORMAL, ZERO_DIVIDE, OVERFLOW, UNDERFLOW, PRECISION, STACK } = EXCEPTION;
const TOP = 1n << 63n;
const ZERO: Extended = [0, 0n];
const MINUS_ZERO: Extended = [0x8000, 0n];
const ONE: Extended = [0x3fff, TOP];
const MINUS_ONE: Extended = [0xbfff, TOP];
const TWO: Extended = [0x4000, TOP];
const INFINITE: Extended = [0x7fff, TOP];
const MINUS_INFINITE: Extended = [0xffff, TOP];
const LEAST: Extended = [0, 1n];
const INDEFINITE: Extended = [0xffff, 3n << 62n];
const QUIET: Extended = [0x7fff, (3n << 62n) + 5n];
const LOUD: Extended = [0xffff, TOP + 9n];
const LOUD_AS_QUIET: Extended = [0xffff, (3n << 62n) + 9n];
/** A pattern that is no number since the 80387. */
const UNSUPPORTED: Extended = [0x3fff, 1n << 62n];

describe("transcendental instructions at their edges", () => {
  it("reduces angles by the pi of 66 bits, and leaves those from 2^63 on", () => {
    const roundedPi: Extended = [0x4000, 0xc90f_daa2_2168_c235n];
    const below: Extended = [0xc03d, 2n ** 64n - 1n];
    const limit: Extended = [0xc03e, TOP];
    expect(
      topStatesOf([
        ["fsin", roundedPi],
        ["fcos", roundedPi],
      ]),
    ).toEqual([
      [[0xbfbf, TOP], PRECISION | C1],
      [MINUS_ONE, PRECISION | C1],
    ]);
    for (const name of ["fsin", "fcos", "fsincos", "fptan"]) {
      const outcomes = topStatesOf([
        [name, limit],
        [name, [0x7ffe, TOP]],
        [name, below],
      ]);
      expect(outcomes.slice(0, 2)).toEqual([
        [limit, C2],
        [[0x7ffe, TOP], C2],
      ]);
      expect(outcomes[2]?.[1]).toEqual(PRECISION | ((outcomes[2]?.[1] ?? 0) & C1));
    }
  });

  it("knows the special operands of angles", () => {
    expect(
      topStatesOf([
        ["fsin", MINUS_ZERO],
        ["fcos", MINUS_ZERO],
        ["fsin", LEAST],
        ["fcos", LEAST],
        ["fsin", MINUS_INFINITE],
        ["fcos", INFINITE],
        ["fsin", QUIET],
        ["fcos", LOUD],
        ["fsin", UNSUPPORTED],
      ]),
    ).toEqual([
      [MINUS_ZERO, 0],
      [ONE, 0],
      [LEAST, DENORMAL | UNDERFLOW | PRECISION | C1],
      [ONE, DENORMAL | PRECISION | C1],
      [INDEFINITE, INVALID],
      [INDEFINITE, INVALID],
      [QUIET, 0],
      [LOUD_AS_QUIET, INVALID],
      [INDEFINITE, INVALID],
    ]);
    const pairs = outcomesOf([
      ["fsincos", MINUS_ZERO],
      ["fsincos", QUIET],
      ["fptan", MINUS_ZERO],
      ["fptan", INFINITE],
      ["fptan", LOUD],
      ["fptan", LEAST],
    ]);
    expect(pairs).toEqual([
      { values: [ONE, MINUS_ZERO], status: 0 },
      { values: [QUIET, QUIET], status: 0 },
      { values: [ONE, MINUS_ZERO], status: 0 },
      { values: [INDEFINITE, INDEFINITE], status: INVALID },
      { values: [LOUD_AS_QUIET, LOUD_AS_QUIET], status: INVALID },
      { values: [ONE, LEAST], status: DENORMAL | UNDERFLOW | PRECISION },
    ]);
  });

  it("fpatan knows all quadrants, zeros and infinities", () => {
    const angles = [0n, pi() / 4n, pi() / 2n, (3n * pi()) / 4n, pi()];
    const points: readonly (readonly [y: Extended, x: Extended, quarters: number])[] = [
      [ZERO, ONE, 0],
      [ZERO, ZERO, 0],
      [ZERO, INFINITE, 0],
      [ONE, INFINITE, 0],
      [ONE, ONE, 1],
      [INFINITE, INFINITE, 1],
      [ONE, ZERO, 2],
      [ONE, MINUS_ZERO, 2],
      [INFINITE, ONE, 2],
      [INFINITE, MINUS_ONE, 2],
      [ONE, MINUS_ONE, 3],
      [INFINITE, MINUS_INFINITE, 3],
      [ZERO, MINUS_ZERO, 4],
      [ZERO, MINUS_ONE, 4],
      [ONE, MINUS_INFINITE, 4],
    ];
    for (const sign of [0, 0x8000]) {
      const outcomes = topStatesOf(points.map(([[e, m], x]) => ["fpatan", [e | sign, m], x]));
      for (const [at, [found, status]] of outcomes.entries()) {
        const quarters = points[at]?.[2] ?? 0;
        expect([found[0] & 0x8000, status & PRECISION]).toEqual([sign, quarters && PRECISION]);
        const exact = angles[quarters] ?? 0n;
        expect(Math.abs(errorOf(found, sign === 0 ? exact : -exact))).toBeLessThan(0.500001);
      }
    }
    expect(
      topStatesOf([
        ["fpatan", QUIET, LOUD],
        ["fpatan", LEAST, TWO],
      ]),
    ).toEqual([
      [QUIET, INVALID],
      [ZERO, DENORMAL | UNDERFLOW | PRECISION],
    ]);
  });

  it("logarithms know zero, one, negative and infinite operands", () => {
    const least: Extended = [0x8000, 1n];
    expect(
      topStatesOf([
        ["fyl2x", ONE, ZERO],
        ["fyl2x", MINUS_ONE, MINUS_ZERO],
        ["fyl2x", ZERO, ZERO],
        ["fyl2x", INFINITE, ZERO],
        ["fyl2x", ONE, MINUS_ONE],
        ["fyl2x", ONE, least],
        ["fyl2x", INFINITE, ONE],
        ["fyl2x", MINUS_ONE, ONE],
        ["fyl2x", MINUS_INFINITE, TWO],
        ["fyl2x", ZERO, INFINITE],
        ["fyl2x", MINUS_ONE, INFINITE],
        ["fyl2x", ONE, MINUS_INFINITE],
        ["fyl2x", MINUS_ONE, [0x3ffe, TOP]],
        ["fyl2x", [0x7ffe, TOP], [0x4007, TOP]],
        ["fyl2xp1", MINUS_ONE, MINUS_ZERO],
        ["fyl2xp1", INFINITE, ZERO],
        ["fyl2xp1", ONE, QUIET],
        ["fyl2xp1", LOUD, ONE],
        ["fyl2xp1", ONE, MINUS_INFINITE],
        ["fyl2xp1", ONE, ONE],
        ["fyl2xp1", ONE, MINUS_ONE],
      ]),
    ).toEqual([
      [MINUS_INFINITE, ZERO_DIVIDE],
      [INFINITE, ZERO_DIVIDE],
      [INDEFINITE, INVALID],
      [MINUS_INFINITE, 0],
      [INDEFINITE, INVALID],
      [INDEFINITE, INVALID],
      [INDEFINITE, INVALID],
      [MINUS_ZERO, 0],
      [MINUS_INFINITE, 0],
      [INDEFINITE, INVALID],
      [MINUS_INFINITE, 0],
      [INDEFINITE, INVALID],
      [ONE, 0],
      [INFINITE, OVERFLOW | PRECISION | C1],
      [ZERO, 0],
      [INDEFINITE, INVALID],
      [QUIET, 0],
      [LOUD_AS_QUIET, INVALID],
      [INDEFINITE, INVALID],
      [ONE, 0],
      [MINUS_INFINITE, ZERO_DIVIDE],
    ]);
  });

  it("f2xm1 is exact at -1, 0 and 1, and leaves what is beyond", () => {
    expect(
      topStatesOf([
        ["f2xm1", ONE],
        ["f2xm1", MINUS_ONE],
        ["f2xm1", MINUS_ZERO],
        ["f2xm1", MINUS_INFINITE],
        ["f2xm1", TWO],
        ["f2xm1", LOUD],
        ["f2xm1", LEAST],
      ]),
    ).toEqual([
      [ONE, 0],
      [[0xbffe, TOP], 0],
      [MINUS_ZERO, 0],
      [MINUS_ONE, 0],
      [TWO, 0],
      [LOUD_AS_QUIET, INVALID],
      [LEAST, DENORMAL | UNDERFLOW | PRECISION | C1],
    ]);
  });

  it("faults where a register is empty, or none is left", () => {
    const empty = ["fsin", "f2xm1", "fsincos", "fptan", "fpatan", "fyl2x", "fyl2xp1"];
    expect(topStatesOf(empty.map((name) => [name]))).toEqual(empty.map(() => [INDEFINITE, STACK]));
    expect(
      topStatesOf([
        ["fpatan", ONE],
        ["fyl2x", ONE],
      ]),
    ).toEqual([
      [INDEFINITE, STACK],
      [INDEFINITE, STACK],
    ]);
    const full = [0, 1, 2, 3, 4, 5, 6, 7].map(() => ONE);
    expect(
      outcomesOf([
        ["fsincos", ...full],
        ["fptan", ...full],
      ]),
    ).toEqual([
      { values: [INDEFINITE, INDEFINITE], status: STACK | C1 },
      { values: [INDEFINITE, INDEFINITE], status: STACK | C1 },
    ]);
  });
});
