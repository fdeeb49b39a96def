import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomLoops } from "../../../test/support/random-loops.ts";
import { runLoops } from "../../../test/support/run-loops.ts";
import { engineAccepts, moduleOf } from "../../../test/support/wat.ts";
import { readModule } from "../index.ts";
import { outlineLoops } from "./index.ts";

describe("outlineLoops", () => {
  test("changes nothing that a random program does", () => {
    let movedCount = 0;
    const rounds = fc.record({ inPlace: fc.nat(4), inCall: fc.integer({ min: 1, max: 6 }) });
    const property = fc.property(fc.integer(), rounds, (seed, chosen) => {
      const plain = moduleOf(randomLoops(seed));
      expect(engineAccepts(plain)).toBe(true);
      const outlined = outlineLoops(plain, readModule(plain), { entries: ["run"], ...chosen });
      if (outlined === plain) return;
      movedCount++;
      expect(engineAccepts(outlined)).toBe(true);
      for (const [first, second] of [
        [0, 0n],
        [5, -1n],
        [-77, 1n << 40n],
      ] as const) {
        expect(runLoops(outlined, first, second)).toEqual(runLoops(plain, first, second));
      }
    });
    fc.assert(property, { numRuns: 150 });
    expect(movedCount).toBeGreaterThan(80);
  });
});
