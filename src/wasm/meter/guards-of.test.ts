import { expect, test } from "vitest";
import { moduleOf } from "../../../test/support/wat.ts";
import { type PrepareOptions, prepareModule, readGuards } from "./index.ts";

const MAIN = `(module (memory (export "memory") 1)
  (table (export "functions") 2 funcref)
  (func (export "run") (param i32) (result i32)
    (call_indirect (param i32) (result i32) (local.get 0) (i32.const 1))))`;

/** Calls itself as often as it is told, through the table of the guest. */
const FURTHER = `(module
  (import "guest" "functions" (table 2 funcref)) (import "guest" "memory" (memory 1))
  (func $deep (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 7))
      (else (call $deep (i32.sub (local.get 0) (i32.const 1))))))
  (elem (i32.const 1) $deep))`;

type Exports = Readonly<Record<string, unknown>>;

function guest(options: PrepareOptions): { exports: Exports; run: (depth: number) => number } {
  const main = new WebAssembly.Module(prepareModule(moduleOf(MAIN), options));
  const { exports } = new WebAssembly.Instance(main);
  const bytes = prepareModule(moduleOf(FURTHER), { ...options, guardsOf: "guest" });
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { guest: exports });
  return { exports, run: exports["run"] as (depth: number) => number };
}

test("a further module takes from the fuel and the stack of the guest it is for", () => {
  const { exports, run } = guest({ fuel: 1000n, stackBytes: 900_000, slices: true });
  const fuel = exports["zvm.fuel"] as { value: bigint };
  const stack = exports["zvm.stack"] as { value: number };
  expect(run(3)).toBe(7);
  const used = 1000n - fuel.value;
  expect(used).toBeGreaterThan(12n);
  expect(stack.value).toBe(900_000);
  expect(run(3)).toBe(7);
  expect(1000n - fuel.value).toBe(2n * used);
  expect(() => run(1000)).toThrow(/unreachable/u);
  expect(readGuards(exports).ended).toBe("fuel");
});

test("its stack ends where that of the guest does", () => {
  const { exports, run } = guest({ stackBytes: 10_000 });
  expect(run(10)).toBe(7);
  expect(() => run(1000)).toThrow(/unreachable/u);
  expect(readGuards(exports).ended).toBe("stack");
});

test("it asks for fuel by the table of the guest", () => {
  const { exports, run } = guest({ fuel: 0n, asksForFuel: true, stackBytes: 1_000_000 });
  const fuel = exports["zvm.fuel"] as { value: bigint };
  let askings = 0;
  const wat = `(module (func $f (import "host" "f")) (export "f" (func $f)))`;
  const answer = (): void => {
    askings += 1;
    fuel.value += 100n;
  };
  const host = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(wat)), {
    host: { f: answer },
  });
  (exports["zvm.more"] as WebAssembly.Table).set(0, host.exports["f"]);
  expect(run(200)).toBe(7);
  expect(askings).toBeGreaterThan(10);
});

test("it must not have what would be numbered anew", () => {
  const own = `(module (global (mut i32) (i32.const 0)) (func))`;
  const options = { stackBytes: 1000, guardsOf: "guest" };
  expect(() => prepareModule(moduleOf(own), options)).toThrow(/global of its own/u);
});
