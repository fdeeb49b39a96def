import { describe, expect, test } from "vitest";
import { limitedModule } from "../../test/support/limited-module.ts";
import { engineAccepts, hexModule, moduleOf, PREAMBLE } from "../../test/support/wat.ts";
import { ZvmError } from "../base/index.ts";
import { limitEdits, type ModuleLimits } from "./limit-edits.ts";
import { readModule } from "./read-module.ts";

const WIDE: ModuleLimits = { memoryPages: 65_536, tableElements: 10_000_000 };

interface Maxima {
  readonly memories: readonly (number | undefined)[];
  readonly tables: readonly (number | undefined)[];
}

function maximaAfter(bytes: Uint8Array, limits: ModuleLimits): Maxima {
  const limited = limitedModule(bytes, limits);
  const shape = readModule(limited);
  return {
    memories: shape.memories.map((it) => it.maximum),
    tables: shape.tables.map((it) => it.maximum),
  };
}

describe("limits in a module", () => {
  const cases: readonly [text: string, wat: string, limits: Partial<ModuleLimits>, Maxima][] = [
    ["adds a maximum", "(memory 1)", { memoryPages: 16 }, { memories: [16], tables: [] }],
    ["lowers a maximum", "(memory 1 99)", { memoryPages: 16 }, { memories: [16], tables: [] }],
    ["keeps a lower one", "(memory 1 9)", { memoryPages: 16 }, { memories: [9], tables: [] }],
    ["allows the minimum", "(memory 16)", { memoryPages: 16 }, { memories: [16], tables: [] }],
    [
      "treats imported ones alike",
      '(import "a" "m" (memory 1)) (import "a" "t" (table 2 funcref)) (table 3 4 externref)',
      { memoryPages: 300, tableElements: 3 },
      { memories: [300], tables: [3, 3] },
    ],
    [
      "takes 2^32-1 elements for no limit",
      "(table 1 4294967295 funcref)",
      {},
      { memories: [], tables: [4_294_967_295] },
    ],
    [
      "adds to tables",
      "(table 1 funcref)",
      { tableElements: 500 },
      { memories: [], tables: [500] },
    ],
    ["keeps sharing", "(memory 1 99 shared)", { memoryPages: 2 }, { memories: [2], tables: [] }],
  ];
  test.each(cases)("%s", (_text, wat, limits, expected) => {
    const bytes = moduleOf(`(module ${wat} (func (export "f")) (global i32 (i32.const 7)))`);
    expect(maximaAfter(bytes, { ...WIDE, ...limits })).toEqual(expected);
  });

  test("nothing changes where all is in order", () => {
    const bytes = moduleOf('(module (memory 1) (table 2 funcref) (func (export "f")))');
    expect(limitEdits(readModule(bytes), WIDE)).toEqual([]);
  });

  test("the limits and the sizes of their sections change; custom sections are left out", () => {
    const before = hexModule(`${PREAMBLE}
      00 03 01 78 aa            ; custom section
      04 04 01 70 00 01         ; table: minimum 1
      05 83 80 00 01 00 01      ; memory: minimum 1, size in a long form
      00 02 01 79`);
    const after = hexModule(`${PREAMBLE}
      04 05 01 70 01 01 05      ; maximum 5
      05 05 01 01 01 ac 02      ; maximum 300`);
    const limits = { memoryPages: 300, tableElements: 5 };
    expect(limitedModule(before, limits)).toEqual(after);
  });

  test("the engine accepts the result and the guest cannot grow beyond", () => {
    const bytes = moduleOf(`(module (memory (export "memory") 1) (table 2 funcref)
      (func (export "_start")) (data (i32.const 0) "abc"))`);
    const limited = limitedModule(bytes, { memoryPages: 3, tableElements: 4 });
    expect(engineAccepts(limited)).toBe(true);
    expect(readModule(limited).memories[0]?.maximum).toBe(3);
  });

  test("64-bit memories are limited as well", () => {
    const bytes = moduleOf("(module (memory i64 1 4294967296))");
    expect(maximaAfter(bytes, { ...WIDE, memoryPages: 200 }).memories).toEqual([200]);
  });

  test("a minimum above the limit is refused", () => {
    const bytes = moduleOf("(module (memory 17))");
    const limit = () => limitedModule(bytes, { ...WIDE, memoryPages: 16 });
    expect(limit).toThrow(ZvmError);
    expect(limit).toThrow(/a memory begins with 17, above its limit/);
  });
});
