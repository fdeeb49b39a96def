import fc from "fast-check";
import { expect, test } from "vitest";
import { cellsRefuse } from "../../../test/support/cells-refuse.ts";
import { randomLoops } from "../../../test/support/random-loops.ts";
import { engineAccepts, moduleOf } from "../../../test/support/wat.ts";
import { ZvmError } from "../../base/index.ts";
import { readModule } from "../index.ts";
import { prepareModule } from "../meter/index.ts";
import { outlineLoops } from "./index.ts";

const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });

/** The outlined module, or undefined when it was refused in order. */
function tryOutline(bytes: Uint8Array): Uint8Array | undefined {
  try {
    // The meter has looked at every index, also at those that are added to the module.
    const metered = prepareModule(bytes, { fuel: 1000n });
    return outlineLoops(metered, readModule(metered), { entries: ["run"] });
  } catch (error) {
    if (!(error instanceof ZvmError) || error.code !== "ZVM_PROGRAM_REFUSED") throw error;
    return undefined;
  }
}

test("damaged modules that are metered are refused or left to the engine, and never become valid", () => {
  const property = fc.property(fc.integer(), changes, (seed, damage) => {
    const bytes = moduleOf(randomLoops(seed));
    for (const [at, value] of damage) bytes[8 + (at % (bytes.length - 8))] = value;
    const outlined = tryOutline(bytes);
    // What was refused, no engine accepts that knows no more than cells do; of the rest the
    // engine thinks as it did before.
    const accepted = engineAccepts(bytes) && !cellsRefuse(bytes);
    expect(outlined !== undefined && engineAccepts(outlined)).toBe(accepted);
  });
  fc.assert(property, { numRuns: 300 });
});
