import { describe, expect, test } from "vitest";
import { engineAccepts, moduleOf } from "../../../test/support/wat.ts";
import { ByteReader, limitEdits, readModule } from "../index.ts";
import { GUARD_EXPORTS, prepareModule } from "../meter/index.ts";
import { chooseFunctions, HEAT_EXPORTS, type OutlineOptions, outlineLoops } from "./index.ts";

interface Engine {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: Readonly<Record<string, Run>> };
}

type Run = (...args: readonly unknown[]) => unknown;

function outlined(bytes: Uint8Array, options: OutlineOptions = {}): Uint8Array {
  const small = { entries: ["run"], inPlace: 2, inCall: 3 };
  return outlineLoops(bytes, readModule(bytes), { ...small, ...options });
}

function run(bytes: Uint8Array, ...args: readonly unknown[]): unknown {
  const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;
  return new engine.Instance(new engine.Module(bytes)).exports["run"]?.(...args);
}

/** How many functions were added. */
function addedTo(bytes: Uint8Array, options: OutlineOptions = {}): number {
  const after = readModule(outlined(bytes, options)).functionCount;
  return after - readModule(bytes).functionCount;
}

/** A function `run` that counts to its parameter, with something in its loop. */
function counting(inLoop: string, rest = ""): Uint8Array {
  return moduleOf(`(module ${rest}
    (func (export "run") (param i32) (result i32) (local $sum i32)
      (loop $again
        ${inLoop}
        (local.set $sum (i32.add (local.get $sum) (local.get 0)))
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get $sum)))`);
}

describe("what is moved", () => {
  test("a loop of an entry becomes a function that is called", () => {
    const plain = counting("nop");
    expect(addedTo(plain)).toBe(1);
    expect(run(outlined(plain), 100)).toBe(5050);
  });

  test("each loop of a nest becomes one", () => {
    const plain = counting(`(loop $inner
      (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
      (br_if $inner (i32.rem_u (local.get $sum) (i32.const 7))))`);
    expect(addedTo(plain)).toBe(2);
    expect(run(outlined(plain), 50)).toBe(run(plain, 50));
  });

  test("loops of functions that entries call outside of loops, and of no others", () => {
    const loop = "(loop (br_if 0 (i32.const 0)))";
    const plain = moduleOf(`(module
      (func $once ${loop}) (func $often ${loop}) (func $never ${loop})
      (func (export "run") (call $once) (loop (call $often) (br_if 0 (i32.const 0)))))`);
    expect(addedTo(plain)).toBe(1);
  });

  test("the start function is an entry", () => {
    const plain = moduleOf("(module (func $begin (loop (br_if 0 (i32.const 0)))) (start $begin))");
    expect(addedTo(plain)).toBe(1);
  });

  test("functions that were chosen before other passes made the module longer", () => {
    const plain = counting("nop");
    const longer = counting("nop nop nop", "(func $added nop)");
    const functions = chooseFunctions(plain, readModule(plain), { entries: ["run"] });
    expect(functions).toEqual([0]);
    expect(addedTo(longer, { functions: [1] })).toBe(1);
    expect(addedTo(longer, { functions: [0] })).toBe(0);
  });

  test("the same bytes come out each time", () => {
    const plain = counting("nop");
    expect(outlined(plain)).toEqual(outlined(plain));
  });
});

describe("loops of a host that optimises", () => {
  const nest = `(loop $inner
    (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
    (br_if $inner (i32.rem_u (local.get $sum) (i32.const 7))))`;

  /** Places that the host is told while `run` runs. */
  function told(bytes: Uint8Array, argument: number): unknown[] {
    const engine = (globalThis as unknown as { readonly WebAssembly: HeatEngine }).WebAssembly;
    const places: unknown[] = [];
    const listener = moduleOf(`(module (import "" "" (func (param i32))) (export "f" (func 0)))`);
    const told = (place: unknown): unknown => places.push(place);
    const { f } = new engine.Instance(new engine.Module(listener), { "": { "": told } }).exports;
    const { exports } = new engine.Instance(new engine.Module(bytes));
    (exports[HEAT_EXPORTS.HEAT] as WebAssembly.Table).set(0, f);
    (exports["run"] as Run)(argument);
    return places;
  }

  test("go on to their ends in one call, of which the host is told before", () => {
    const plain = counting("nop");
    const bytes = outlined(plain, { heats: true });
    expect(run(bytes, 1000)).toBe(run(plain, 1000));
    expect(told(bytes, 1000)).toEqual([0]);
    expect(told(bytes, 2)).toEqual([]);
  });

  test("of a nest are told from the inside out, and the outer one takes over", () => {
    const plain = counting(nest);
    const bytes = outlined(plain, { heats: true });
    expect(run(bytes, 1000)).toBe(run(plain, 1000));
    expect(told(bytes, 1000)).toEqual([1, 0]);
  });

  test("are all in a table", () => {
    const { exports } = readModule(outlined(counting(nest), { heats: true }));
    expect(exports.map(({ name }) => name)).toContain(HEAT_EXPORTS.LOOPS);
  });
});

interface HeatEngine {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports?: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

describe("what stays", () => {
  const stays: readonly [what: string, plain: Uint8Array][] = [
    ["a module without entries", moduleOf("(module (func (loop)))")],
    ["a loop that leaves by a tail call", counting("(return_call 0 (local.get 0))")],
    [
      "a function with exceptions",
      counting("(if (i32.eq (local.get 0) (i32.const -1)) (then (throw 0)))", "(tag)"),
    ],
    ["a loop that does no more than call", counting("(call $f)", "(func $f)")],
    ["code with atomic instructions", counting("(atomic.fence)", "(memory 1 1 shared)")],
    [
      "a function with a very long list of locals",
      moduleOf(`(module (func (export "run") (local ${"i32 ".repeat(6000)}) (loop nop)))`),
    ],
  ];
  test.each(stays)("%s", (_what, plain) => {
    expect(outlined(plain)).toBe(plain);
  });

  test("a loop whose call would carry too much", () => {
    const locals = Array.from({ length: 120 }, (_, at) => `(local.set ${at + 1} (local.get 0))`);
    const sums = Array.from({ length: 120 }, (_, at) => `(i32.add (local.get ${at + 1}))`);
    const plain = moduleOf(`(module (func (export "run") (param i32) (result i32)
      (local ${"i32 ".repeat(120)})
      (loop ${locals.join(" ")} (br_if 0 (i32.eqz (local.get 0))))
      (local.get 0) ${sums.join(" ")}))`);
    expect(outlined(plain)).toBe(plain);
  });

  test("functions behind those that used up the bytes", () => {
    const plain = moduleOf(`(module
      (func $far (loop (br_if 0 (i32.const 0))))
      (func (export "run") (loop (br_if 0 (i32.const 0))) (call $far)))`);
    expect(addedTo(plain)).toBe(2);
    expect(addedTo(plain, { addedBytesMax: 10 })).toBe(1);
    expect(addedTo(plain, { codeBytesMax: 10 })).toBe(1);
    expect(addedTo(plain, { callDepthMax: 0 })).toBe(1);
  });

  test("what no engine accepts is still not accepted", () => {
    const plain = counting("(drop (f32.add (local.get 0) (local.get 0)))");
    expect(engineAccepts(plain)).toBe(false);
    expect(engineAccepts(outlined(plain))).toBe(false);
  });
});

describe("what comes through", () => {
  test("vectors and references in locals", () => {
    const plain = moduleOf(`(module
      (func (export "run") (param i32 externref) (result externref i32)
        (local $v v128) (local $kept externref)
        (loop $again
          (if (i32.eq (local.get 0) (i32.const 3)) (then (local.set $kept (local.get 1))))
          (local.set $v (i32x4.add (local.get $v) (i32x4.splat (local.get 0))))
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $kept) (i32x4.extract_lane 2 (local.get $v))))`);
    const kept = {};
    expect(addedTo(plain)).toBe(1);
    expect(run(outlined(plain), 20, kept)).toEqual([kept, 210]);
  });

  test("values that are on the stack below the loop and values of the loop", () => {
    const plain = moduleOf(`(module
      (func (export "run") (param i32) (result i32)
        (i32.const 1000)
        (loop $again (result i32)
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))
          (i32.const 7))
        i32.add))`);
    expect(addedTo(plain)).toBe(1);
    expect(run(outlined(plain), 30)).toBe(1007);
  });

  test("a function that comes back to itself from its loop", () => {
    const plain = moduleOf(`(module
      (type $self (func (param i32) (result i32)))
      (table funcref (elem $run))
      (func $run (export "run") (param i32) (result i32) (local $at i32) (local $sum i32)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
        (local.set $at (i32.const 12))
        (loop $again
          (br_if $again (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))
        (local.set $at (i32.const 5))
        (loop $again ${"nop ".repeat(40)}
          (if (i32.eq (local.get $at) (i32.const 2)) (then
            (local.set $sum (i32.add (local.get $sum)
              (call_indirect (type $self) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))))
          (local.set $sum (i32.add (local.get $sum) (local.get $at)))
          (br_if $again (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))
        (local.get $sum)))`);
    expect(addedTo(plain)).toBe(2);
    expect(run(outlined(plain), 200)).toBe(run(plain, 200));
  });

  test("changes to other sections", () => {
    const plain = counting("nop", "(memory 1)");
    const shape = readModule(plain);
    const edits = limitEdits(shape, { memoryPages: 5, tableElements: 5 });
    const limited = readModule(outlined(plain, { edits }));
    expect(limited.memories[0]?.maximum).toBe(5);
    expect(limited.functionCount).toBe(2);
  });
});

describe("where fuel is counted", () => {
  const nest = counting(`(loop $inner
    (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
    (br_if $inner (i32.rem_u (local.get $sum) (i32.const 7))))`);

  const metered = prepareModule(nest, { fuel: 0n });
  const { exports } = readModule(metered);
  const fuelGlobal = exports.find(({ name }) => name === GUARD_EXPORTS.FUEL)?.index ?? -1;

  /** What comes of a run with so much fuel, and what is left of it. */
  function runner(bytes: Uint8Array): (fuel: bigint) => unknown[] {
    const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;
    const instance = new engine.Instance(new engine.Module(bytes));
    const counter = instance.exports[GUARD_EXPORTS.FUEL] as unknown as { value: bigint };
    return (fuel) => {
      counter.value = fuel;
      try {
        return [instance.exports["run"]?.(30), counter.value];
      } catch (error) {
        return [String(error), counter.value];
      }
    };
  }

  test.each([60, 100, 1_000, 100_000])("%i units for a call change nothing", (unitsInCall) => {
    const plain = runner(metered);
    const moved = runner(outlined(metered, { unitsInCall, fuelGlobal }));
    for (let fuel = 0n; fuel < 5_000n; fuel += 7n) expect(moved(fuel)).toEqual(plain(fuel));
    expect(moved(100_000n)).toEqual(plain(100_000n));
  });
});

describe("hints", () => {
  test("name branches of the functions that are added", () => {
    const plain = counting("(if (i32.gt_u (local.get 0) (i32.const 999)) (then unreachable))");
    const bytes = outlined(plain);
    const { customSections, sections, functionCount } = readModule(bytes);
    const section = customSections.find(({ name }) => name === "metadata.code.branch_hint");
    expect(section?.offset).toBeLessThan(sections.find(({ id }) => id === 10)?.start ?? 0);
    const { offset = 0, sizeBytes = 0 } = section ?? {};
    const hints = new ByteReader(bytes.subarray(offset, offset + sizeBytes), offset);
    expect([hints.u32("functions"), hints.u32("the function")]).toEqual([1, functionCount - 1]);
    const body = lastBody(bytes);
    const count = hints.u32("hints");
    expect(count).toBeGreaterThan(0);
    for (let index = 0; index < count; index++) {
      expect(body[hints.u32("the branch")]).toBe(0x04);
      expect([hints.u32("the size"), hints.u32("the hint")]).toEqual([1, 0]);
    }
  });

  test("are missing where nothing was moved", () => {
    const bytes = outlined(moduleOf("(module)"));
    expect(readModule(bytes).customSections).toEqual([]);
  });
});

/** Locals and code of the last function. */
function lastBody(bytes: Uint8Array): Uint8Array {
  const { start = 0, end = 0 } = readModule(bytes).sections.find(({ id }) => id === 10) ?? {};
  const reader = new ByteReader(bytes.subarray(start, end), start);
  const count = reader.u32("bodies");
  for (let index = 1; index < count; index++) reader.skip(reader.u32("the size"), "a body");
  reader.u32("the size");
  return bytes.subarray(reader.offset, end);
}
