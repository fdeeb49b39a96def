import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hexModule, moduleOf } from "../../../test/support/wat.ts";
import { inspectProgram } from "./inspect-program.ts";
import type { LoadOptions } from "./load-program.ts";

const folder = mkdtempSync(join(tmpdir(), "zerovm-inspect-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS: LoadOptions = {
  memoryBytes: 2 ** 32,
  tableElements: 10_000_000,
  hostImports: new Map([["wasi_snapshot_preview1", new Set(["proc_exit"])]]),
};

function inspect(bytes: Uint8Array) {
  const path = join(folder, "it.wasm");
  writeFileSync(path, bytes);
  return inspectProgram(path, OPTIONS);
}

function customSection(name: string, contents: readonly number[]): number[] {
  const encoded = [name.length, ...new TextEncoder().encode(name), ...contents];
  return [0, encoded.length, ...encoded];
}

const word = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];

const MODULE = moduleOf(`(module
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (import "env" "strange" (func))
  (import "wasi_snapshot_preview1" "fd_dup" (func (result i32)))
  (memory (export "memory") 2 9) (table 3 funcref)
  (func (export "_start") (drop (i32.extend8_s (i32.const 1)))))`);

describe("inspectProgram()", () => {
  test("shows imports by module and whether they are offered", () => {
    const found = inspect(MODULE);
    expect(found.module?.imports).toEqual([
      {
        module: "wasi_snapshot_preview1",
        imports: [
          { name: "proc_exit", kind: "function", type: "i32 ->", offered: true },
          { name: "fd_dup", kind: "function", type: "-> i32", offered: false },
        ],
      },
      {
        module: "env",
        imports: [{ name: "strange", kind: "function", type: "->", offered: false }],
      },
    ]);
    expect(found.runnable).toBe(false);
    expect(found.findings).toHaveLength(2);
  });

  test("shows sizes, features and hash", () => {
    const found = inspect(MODULE);
    expect(found).toMatchObject({
      kind: "module",
      description: "a WebAssembly module",
      sizeBytes: MODULE.length,
      sha256: createHash("sha256").update(MODULE).digest("hex"),
      module: {
        memories: [{ minimum: 2, maximum: 9, imported: false, shared: false }],
        tables: [{ minimum: 3 }],
        functionCount: 1,
        features: { used: ["sign-ext"], complete: true },
        hasNames: false,
      },
    });
  });

  test("a program that would run says so", () => {
    const bytes = moduleOf(`(module (memory (export "memory") 1)
      (func $s (export "_start")) (start $s))`);
    expect(inspect(bytes)).toMatchObject({
      runnable: true,
      findings: [],
      module: { startFunction: 0 },
    });
  });

  test.each([
    ["on an empty stack", [0x6a, 0x1a], /need to add|not enough arguments|stack/u],
    ["that no version knows", [0xff], /0xff|unknown|invalid/u],
    ["of a wrong type", [0x42, 0, 0x45, 0x1a], /type/u],
  ])("code with an instruction %s is refused, and the finding says why", (_, code, why) => {
    const body = [0, ...code, 0x0b];
    const bytes = Uint8Array.from([
      ...hexModule("00 61 73 6d 01 00 00 00  01 04 01 60 00 00  03 02 01 00  05 03 01 00 01"),
      ...[7, 19, 2, ...word("memory"), 2, 0, ...word("_start"), 0, 0],
      ...[10, body.length + 2, 1, body.length, ...body],
    ]);
    const found = inspect(bytes);
    expect(found).toMatchObject({ runnable: false, findings: [{ code: 8, severity: "error" }] });
    expect(found.findings[0]?.message).toMatch(/it\.wasm is no valid module: /u);
    expect(found.findings[0]?.message).toMatch(why);
    expect(found.findings[0]?.message).not.toContain("WebAssembly.Module");
  });

  test("shows what the toolchain wrote down", () => {
    const producers = [
      1,
      ...word("language"),
      2,
      ...word("C11"),
      0,
      ...word("Rust"),
      ...word("1.9"),
    ];
    const features = [2, 0x2b, ...word("simd128"), 0x2d, ...word("atomics")];
    const bytes = Uint8Array.from([
      ...MODULE,
      ...customSection("producers", producers),
      ...customSection("target_features", features),
      ...customSection("name", []),
    ]);
    expect(inspect(bytes).module).toMatchObject({
      producers: [
        { field: "language", name: "C11", version: "" },
        { field: "language", name: "Rust", version: "1.9" },
      ],
      declaredFeatures: ["+simd128", "-atomics"],
      hasNames: true,
      customSections: [{ name: "producers" }, { name: "target_features" }, { name: "name" }],
    });
  });

  const damaged: readonly (readonly number[])[] = [
    [],
    [1],
    [1, 9, 0x61],
    [0xff, 0xff, 0xff, 0xff, 0x0f],
    [0xff, 0xff, 0x7f],
  ];
  test.each(damaged)("takes damaged notes of the toolchain as absent: %#", (...contents) => {
    const bytes = Uint8Array.from([
      ...MODULE,
      ...customSection("producers", contents),
      ...customSection("target_features", contents),
    ]);
    expect(inspect(bytes).module).toMatchObject({ producers: [], declaredFeatures: [] });
  });

  test("shows what a file is that is no module", () => {
    const found = inspect(hexModule("7f 45 4c 46 02 01 01"));
    expect(found).toMatchObject({ kind: "elf", runnable: false, findings: [{ code: 8 }] });
    expect(found).not.toHaveProperty("module");
    expect(inspect(new Uint8Array(0)).description).toBe("an empty file");
  });

  test("a missing file is an error", () => {
    expect(() => inspectProgram(join(folder, "none"), OPTIONS)).toThrow(/There is no program/);
  });
});
