import { describe, expect, test } from "vitest";
import { engineAccepts, moduleOf } from "../../test/support/wat.ts";
import { prepareModule } from "./meter/index.ts";
import { outlineLoops } from "./outline/index.ts";
import { readModule } from "./read-module.ts";

/** Two functions; counting it adds some, and moves the loop of `run` into one more. */
function moduleWith(field: string, inBody = ""): Uint8Array {
  return moduleOf(`(module
    (memory 1)
    (table $t 8 funcref)
    (func $f)
    ${field}
    (func (export "run") (local $i i32)
      ${inBody}
      (loop $again
        (memory.copy (i32.const 0) (i32.const 9) (local.get $i))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 1000))))))`);
}

function prepared(bytes: Uint8Array): Uint8Array {
  const metered = prepareModule(bytes, { fuel: 1000n });
  return outlineLoops(metered, readModule(metered), { entries: ["run"] });
}

/** Fields that name a function, in all the forms that there are. */
const FIELDS: readonly ((index: number) => string)[] = [
  (index) => `(elem (i32.const 0) func $f ${index})`,
  (index) => `(elem func $f ${index})`,
  (index) => `(elem (table $t) (i32.const 0) func ${index})`,
  (index) => `(elem declare func ${index})`,
  (index) => `(elem (i32.const 0) funcref (ref.null func) (ref.func ${index}))`,
  (index) => `(elem funcref (ref.func ${index}))`,
  (index) => `(elem (table $t) (i32.const 0) funcref (ref.func ${index}))`,
  (index) => `(elem declare funcref (ref.func ${index}))`,
  (index) => `(global funcref (ref.func ${index}))`,
];

describe("functions that a module names outside of its bodies", () => {
  test.each(FIELDS.map((field) => [field(1), field] as const))("%s", (_, field) => {
    const valid = moduleWith(field(1));
    expect(engineAccepts(valid)).toBe(true);
    expect(engineAccepts(prepared(valid))).toBe(true);
    for (const index of [2, 3, 4, 5, 300]) {
      const damaged = moduleWith(field(index));
      expect(engineAccepts(damaged)).toBe(false);
      expect(() => prepared(damaged)).toThrow(`there is no function ${index}`);
    }
  });

  test("nor does a body name one that is added", () => {
    for (const index of [2, 3, 4]) {
      const damaged = moduleWith("", `(drop (ref.func ${index}))`);
      expect(() => prepared(damaged)).toThrow(`there is no function ${index}`);
    }
  });
});
