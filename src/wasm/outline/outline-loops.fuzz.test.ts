import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomLoops } from "../../../test/support/random-loops.ts";
import { runLoops } from "../../../test/support/run-loops.ts";
import { engineAccepts, moduleOf } from "../../../test/support/wat.ts";
import { readModule } from "../index.ts";
import { GUARD_EXPORTS, prepareModule } from "../meter/index.ts";
import { type OutlineOptions, outlineLoops } from "./index.ts";

const rounds = fc.record({
  inPlace: fc.nat(4),
  inCall: fc.integer({ min: 1, max: 6 }),
  unitsInCall: fc.integer({ min: 4, max: 400 }),
  heats: fc.boolean(),
});
const ARGUMENTS = [
  [0, 0n],
  [5, -1n],
  [-77, 1n << 40n],
] as const;

/** @returns whether there was something to move */
function check(plain: Uint8Array, options: OutlineOptions): boolean {
  expect(engineAccepts(plain)).toBe(true);
  const outlined = outlineLoops(plain, readModule(plain), { entries: ["run"], ...options });
  if (outlined === plain) return false;
  expect(engineAccepts(outlined)).toBe(true);
  for (const [first, second] of ARGUMENTS) {
    expect(runLoops(outlined, first, second)).toEqual(runLoops(plain, first, second));
  }
  return true;
}

describe("outlineLoops", () => {
  test("changes nothing that a random program does", () => {
    let movedCount = 0;
    const property = fc.property(fc.integer(), rounds, (seed, chosen) => {
      if (check(moduleOf(randomLoops(seed)), chosen)) movedCount++;
    });
    fc.assert(property, { numRuns: 150 });
    expect(movedCount).toBeGreaterThan(80);
  });

  test("changes neither the fuel that is used nor where it ends", () => {
    let movedCount = 0;
    const fuels = fc.bigInt({ min: 0n, max: 20_000n });
    const property = fc.property(fc.integer(), fuels, rounds, (seed, fuel, chosen) => {
      const guards = { fuel, stackBytes: 100_000, slices: true, canonicalNans: true };
      const metered = prepareModule(moduleOf(randomLoops(seed)), guards);
      const { exports } = readModule(metered);
      const { index: fuelGlobal } = exports.find(({ name }) => name === GUARD_EXPORTS.FUEL) ?? {};
      if (check(metered, { ...chosen, ...(fuelGlobal !== undefined && { fuelGlobal }) })) {
        movedCount++;
      }
    });
    fc.assert(property, { numRuns: 80 });
    expect(movedCount).toBeGreaterThan(40);
  });
});
