import { expect, test } from "vitest";
import { moduleOf } from "../../../test/support/wat.ts";
import { prepareModule } from "./index.ts";

const LIMITS = { memoryPages: 65_536, tableElements: 1 };

/** A function of a module, as tables want them. */
function wrapped(host: () => void): unknown {
  const bytes = moduleOf(`(module (func $f (import "host" "f")) (export "f" (func $f)))`);
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { f: host } }).exports[
    "f"
  ];
}

test("is asked for where it is used up, and the guest goes on with what it gets", () => {
  const wat = `(module (table 1 2 funcref) (table (export "own") 1 funcref)
    (memory (export "memory") 200)
    (func (export "run") (param i32)
      (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0))))
    (func (export "fill") (memory.fill (i32.const 0) (i32.const 1) (i32.const 0xa00000))))`;
  const options = { fuel: 0n, limits: LIMITS, slices: true, canonicalNans: true };
  const bytes = prepareModule(moduleOf(wat), { ...options, asksForFuel: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const fuel = exports["zvm.fuel"] as { value: bigint };
  let [askings, rest] = [0, 30];
  const answer = (): void => {
    askings += 1;
    if (fuel.value < 0n && rest > 0) fuel.value += 600n;
    rest -= 1;
  };
  (exports["zvm.more"] as WebAssembly.Table).set(0, wrapped(answer));
  expect((exports["own"] as WebAssembly.Table).length).toBe(1);
  (exports["run"] as (count: number) => void)(1000);
  // 6000 units: the last of ten portions was used up to its end.
  expect([askings, fuel.value]).toEqual([10, 0n]);
  expect(() => (exports["run"] as (count: number) => void)(10_000)).toThrow(/unreachable/u);
  expect(fuel.value).toBeLessThan(0n);
  // Between the ten pieces of a bulk operation as well, whatever is left.
  fuel.value = 10n ** 9n;
  askings = 0;
  (exports["fill"] as () => void)();
  expect(askings).toBe(9);
});
