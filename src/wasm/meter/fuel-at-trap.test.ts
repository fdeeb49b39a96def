import { expect, test } from "vitest";
import { moduleOf } from "../../../test/support/wat.ts";
import { prepareModule } from "./index.ts";

/** A loop of so many turns, then a trap in it. */
const WAT = `(module (func (export "run") (param i32)
  (loop
    (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
    (if (i32.eqz (local.get 0)) (then unreachable))
    (br 0))))`;
const TURN_MAX = 16;

/** @returns fuel that is left behind the trap */
function leftOf(fuel: bigint, turns: number): bigint {
  const bytes = prepareModule(moduleOf(WAT), { fuel });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  expect(() => (exports["run"] as (count: number) => void)(turns)).toThrow(/unreachable/u);
  return (exports["zvm.fuel"] as { value: bigint }).value;
}

test("a trap in a tight loop leaves out its turns, which never go beyond the fuel", () => {
  const fuel = 100_000n;
  const few = leftOf(fuel, 1);
  expect(few).toBeGreaterThanOrEqual(fuel - BigInt(TURN_MAX));
  expect(leftOf(fuel, 1000)).toBe(few);
  // Where the turns cost more than there is, it is the fuel that ends the guest.
  const ended = leftOf(fuel, 1_000_000);
  expect(ended).toBeLessThan(0n);
  expect(ended).toBeGreaterThanOrEqual(-BigInt(TURN_MAX));
});
