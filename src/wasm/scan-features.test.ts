import { describe, expect, test } from "vitest";
import { hexModule, moduleOf, PREAMBLE } from "../../test/support/wat.ts";
import { readModule } from "./read-module.ts";
import { type FeatureScan, scanFeatures } from "./scan-features.ts";

function scan(bytes: Uint8Array): FeatureScan {
  return scanFeatures(bytes, readModule(bytes));
}

/** A module of one function without parameters, whose body is given in hex with its end. */
function bodyModule(hex: string): Uint8Array {
  const body = hexModule(hex).length + 1;
  const size = (number: number) => number.toString(16).padStart(2, "0");
  return hexModule(
    `${PREAMBLE} 01 04 01 60 00 00 03 02 01 00 0a ${size(body + 2)} 01 ${size(body)} 00 ${hex}`,
  );
}

describe("scanFeatures()", () => {
  const cases: readonly [feature: string, wat: string][] = [
    ["", "(func (param i32) (result i32) (local f64) (i32.add (local.get 0) (i32.const -5)))"],
    ["", "(func (block (loop (br_if 1 (i32.const 0)) (br_table 0 1 (i32.const 1)))))"],
    ["", "(memory 1) (func (drop (f64.load offset=8 (i32.const 0))) (drop (memory.size)))"],
    ["", "(func (drop (f32.const 1)) (drop (f64.const 1)) (drop (i64.const 99999999999)))"],
    ["sign-ext", "(func (drop (i32.extend8_s (i32.const 1))))"],
    ["nontrapping-fptoint", "(func (drop (i32.trunc_sat_f32_s (f32.const 1))))"],
    ["bulk-memory", "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))"],
    ["reference-types", "(func (param externref))  (table 1 externref)"],
    ["reference-types", "(func (drop (ref.is_null (ref.null func))))"],
    [
      "reference-types",
      "(func (drop (select (result i32) (i32.const 1) (i32.const 1) (i32.const 1))))",
    ],
    ["simd128", "(func (drop (v128.const i32x4 1 2 3 4)))"],
    [
      "simd128",
      "(memory 1) (func (local v128) (local.set 0 (v128.load8_lane 3 (i32.const 0) (local.get 0))))",
    ],
    [
      "relaxed-simd,simd128",
      "(func (result v128) (f32x4.relaxed_min (v128.const i32x4 1 2 3 4) (v128.const i32x4 1 2 3 4)))",
    ],
    ["tail-call", "(func (return_call 0))"],
    [
      "atomics,shared-memory",
      "(memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0))) (atomic.fence))",
    ],
    ["exception-handling", "(tag) (func (throw 0))"],
    ["exception-handling,legacy-exceptions", "(tag) (func (try (do) (catch 0)))"],
    ["multivalue", "(func (result i32 i32) (i32.const 1) (i32.const 1))"],
    ["multivalue", "(func (i32.const 1) (block (param i32) (drop)))"],
    ["memory64", "(memory i64 1)"],
    ["multimemory", "(memory 1) (memory 1) (func (drop (i32.load 1 (i32.const 0))))"],
  ];
  test.each(cases)("%s: %s", (features, wat) => {
    const bytes = moduleOf(`(module ${wat})`);
    const found = scan(bytes);
    expect(found.used.join()).toBe(features);
    expect(found.complete).toBe(true);
  });

  const raw: readonly [features: string, hex: string][] = [
    ["exception-handling", "1f 40 02 00 00 00 02 00 0b 0b"],
    ["reference-types", "02 63 70 d0 70 0b 1a 0b"],
    ["gc", "fb 19 03 00 70 70 0b"],
    ["function-references", "d4 0b"],
  ];
  test.each(raw)("%s in bytes: %s", (features, hex) => {
    expect(scan(bodyModule(hex)).used.join()).toContain(features);
    expect(scan(bodyModule(hex)).complete).toBe(true);
  });

  test("aggregate types are seen without code", () => {
    const found = scan(hexModule(`${PREAMBLE} 01 03 01 5f 00`));
    expect(found).toEqual({ used: ["gc"], complete: true, functionsScanned: 0 });
  });

  const broken: readonly [text: string, bytes: Uint8Array][] = [
    ["an unknown instruction", bodyModule("ff 0b")],
    ["an unknown second byte", bodyModule("fc 7f 0b")],
    ["a number that does not end", bodyModule("41 80 80")],
    ["a second byte that does not end", bodyModule("fd ff ff ff ff ff 0b")],
    ["a constant beyond the body", bodyModule("44 00 00")],
  ];
  test.each(broken)("says that it stopped at %s", (_text, bytes) => {
    expect(scan(bytes)).toMatchObject({ complete: false, functionsScanned: 0 });
  });

  test("says that it stopped at a body larger than its section", () => {
    const bytes = bodyModule("0b");
    bytes[bytes.length - 3] = 9;
    expect(scan(bytes).complete).toBe(false);
  });
});
