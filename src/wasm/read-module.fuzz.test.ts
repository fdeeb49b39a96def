import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limitedModule } from "../../test/support/limited-module.ts";
import { engineAccepts, moduleOf } from "../../test/support/wat.ts";
import { ZvmError } from "../base/index.ts";
import { limitEdits } from "./limit-edits.ts";
import type { ModuleShape } from "./module-shape.ts";
import { readModule } from "./read-module.ts";
import { recognise } from "./recognise.ts";
import { scanFeatures } from "./scan-features.ts";

const SEEDS = [
  moduleOf(`(module
    (type $unary (func (param i32 i64 f32 f64) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "env" "glob" (global i32))
    (memory (export "memory") 2 400)
    (table 3 9 funcref)
    (global $stack (mut i32) (i32.const 65536))
    (func $start (export "_start") (drop (i32.const 1)) (loop (br_if 0 (i32.const 0))))
    (func (export "two") (param i32) (result i32 i64) (local.get 0) (i64.const -1))
    (start $start)
    (elem (i32.const 0) $start)
    (data (i32.const 0) "hello")
    (data $passive "world")
    (func (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 1))))`),
  moduleOf(
    `(module
    (import "a" "memory" (memory 1))
    (import "a" "table" (table 1 externref))
    (tag $oops (param i32))
    (table 2 externref)
    (func (export "v") (result v128) (i8x16.splat (i32.const 3)))
    (func (export "t") (return_call 0)))`.replace("(return_call 0)", "(throw $oops (i32.const 1))"),
  ),
  moduleOf(`(module (memory 1 2 shared) (func (drop (i32.atomic.load (i32.const 0)))))`),
];

/** The shape, or undefined when the module was refused in order. */
function tryRead(bytes: Uint8Array): ModuleShape | undefined {
  try {
    return readModule(bytes);
  } catch (error) {
    if (!(error instanceof ZvmError) || error.code !== "ZVM_PROGRAM_REFUSED") throw error;
    const [found] = error.diagnostics;
    expect(found?.offset).toBeGreaterThanOrEqual(0);
    expect(found?.offset).toBeLessThanOrEqual(bytes.length);
    return undefined;
  }
}

type Mutation = readonly [kind: "set" | "insert" | "remove" | "cut", at: number, value: number];

const mutations = fc.array(
  fc.tuple(
    fc.constantFrom("set" as const, "insert" as const, "remove" as const, "cut" as const),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x0b, 0x7f, 0x80, 0xff, 0x60, 0x70)),
  ),
  { minLength: 1, maxLength: 3 },
);

function mutate(seed: Uint8Array, steps: readonly Mutation[]): Uint8Array {
  const bytes = [...seed];
  for (const [kind, place, value] of steps) {
    const at = Math.floor(place * bytes.length);
    if (kind === "set") bytes[at] = value;
    if (kind === "insert") bytes.splice(at, 0, value);
    if (kind === "remove") bytes.splice(at, 1);
    if (kind === "cut" && value < 16) bytes.length = at;
  }
  return Uint8Array.from(bytes);
}

/** Custom sections between the others, with sizes in a longer form than needed. */
const customSection = fc
  .tuple(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 9 }), fc.nat(2))
  .map(([name, contents, padding]) => {
    const size = 1 + name.length + contents.length;
    const long = [size | (padding > 0 ? 0x80 : 0)];
    for (let index = 0; index < padding; index++) long.push(index === padding - 1 ? 0 : 0x80);
    return Uint8Array.from([0, ...long, name.length, ...name, ...contents]);
  });

describe("readModule() under fuzz", () => {
  test("random bytes never throw anything but a refusal", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (tail, withPreamble) => {
        const head = withPreamble ? [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0] : [];
        const bytes = Uint8Array.from([...head, ...tail]);
        recognise(bytes);
        const shape = tryRead(bytes);
        if (engineAccepts(bytes)) expect(shape).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });

  test("what the engine accepts of mutated modules is readable, and limits hold", () => {
    let valid = 0;
    fc.assert(
      fc.property(fc.constantFrom(...SEEDS), mutations, (seed, steps) => {
        const bytes = mutate(seed, steps);
        const shape = tryRead(bytes);
        if (shape !== undefined) expect(() => scanFeatures(bytes, shape)).not.toThrow();
        if (!engineAccepts(bytes)) return;
        valid += 1;
        expect(shape).toBeDefined();
        if (shape !== undefined) checkLimited(bytes, shape);
      }),
      { numRuns: 3000 },
    );
    expect(valid).toBeGreaterThan(100);
  });

  test("custom sections anywhere change nothing", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SEEDS), fc.nat(20), customSection, (seed, at, custom) => {
        const before = readModule(seed);
        const section = before.sections[at % before.sections.length];
        const place = section?.headerStart ?? seed.length;
        const bytes = Uint8Array.from([
          ...seed.subarray(0, place),
          ...custom,
          ...seed.subarray(place),
        ]);
        const after = readModule(bytes);
        expect(after.customSections).toHaveLength(before.customSections.length + 1);
        expect(after.functionCount).toBe(before.functionCount);
        expect(after.exports.map((it) => it.name)).toEqual(before.exports.map((it) => it.name));
      }),
      { numRuns: 200 },
    );
  });
});

function checkLimited(bytes: Uint8Array, shape: ModuleShape): void {
  const limits = { memoryPages: 100, tableElements: 1000 };
  const fits =
    shape.memories.every((it) => it.minimum <= limits.memoryPages) &&
    shape.tables.every((it) => it.minimum <= limits.tableElements);
  if (!fits) {
    expect(() => limitEdits(shape, limits)).toThrow(ZvmError);
    return;
  }
  const limited = limitedModule(bytes, limits, shape);
  expect(engineAccepts(limited)).toBe(true);
  const after = readModule(limited);
  for (const memory of after.memories) expect(memory.maximum).toBeLessThanOrEqual(100);
  for (const table of after.tables) expect(table.maximum).toBeLessThanOrEqual(1000);
  expect(limitEdits(after, limits)).toEqual([]);
}
