import { describe, expect, test } from "vitest";
import { hexModule, moduleOf, PREAMBLE } from "../../../test/support/wat.ts";
import { PREVIEW1_SIGNATURES } from "../../zrt/wasi/signatures.ts";
import { type JudgeOptions, judgeProgram, memoryPagesOf } from "./judge-program.ts";

const OPTIONS: JudgeOptions = {
  name: "prog.wasm",
  memoryBytes: 2 ** 32,
  tableElements: 10_000_000,
  hostImports: new Map([
    ["wasi_snapshot_preview1", new Set(Object.keys(PREVIEW1_SIGNATURES))],
    ["zrt", new Set(["zfork"])],
  ]),
  signatures: new Map([["wasi_snapshot_preview1", PREVIEW1_SIGNATURES]]),
};

const COMMAND = '(memory (export "memory") 2) (func (export "_start"))';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** `message | expected | hint` of each finding. */
function findingsOf(bytes: Uint8Array, options: Partial<JudgeOptions> = {}): string[] {
  return judgeProgram(bytes, { ...OPTIONS, ...options }).findings.map((found) =>
    [found.message, found.expected ?? "", found.hint ?? ""].join(" | "),
  );
}

describe("judgeProgram() accepts", () => {
  const cases: readonly [text: string, wat: string][] = [
    ["a command", COMMAND],
    ["WASI calls", `(import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) ${COMMAND}`],
    ["calls of ours without a known type", `(import "zrt" "zfork" (func)) ${COMMAND}`],
    ["a start function", `${COMMAND} (func $s) (start $s)`],
    [
      "more exports, tables, globals",
      `${COMMAND} (table 1 funcref) (global (export "g") i32 (i32.const 1))`,
    ],
  ];
  test.each(cases)("%s", (_text, wat) => {
    const verdict = judgeProgram(moduleOf(`(module ${wat})`), OPTIONS);
    expect(verdict.findings).toEqual([]);
    expect(verdict.shape?.memories).toHaveLength(1);
  });

  test("a memory of exactly the limit", () => {
    const bytes = moduleOf(`(module ${COMMAND})`);
    expect(findingsOf(bytes, { memoryBytes: 2 * 65_536 + 100 })).toEqual([]);
  });
});

describe("judgeProgram() tells what a file was to be by its name", () => {
  test.each([
    ["an empty file", text(""), "an empty file", ""],
    ["an unknown one", text("\u0001\u0002"), "no program of a known kind", "zerovm cc"],
    ["an archive", Uint8Array.of(0x1f, 0x8b, 8), "a gzip file", "gunzip"],
  ])("%s", (_what, bytes, found, hint) => {
    const [ofNexe = "", ...none] = findingsOf(bytes, { name: "a.nexe" });
    expect(none).toEqual([]);
    expect(ofNexe).toContain(
      `a.nexe is ${found} | a Native Client program, an ELF file for x86-64`,
    );
    expect(ofNexe).toContain(hint);
    expect(findingsOf(bytes)[0]).toContain(`prog.wasm is ${found} | a WebAssembly module`);
  });
});

describe("judgeProgram() refuses imports with a recipe", () => {
  const cases: readonly [import_: string, finding: RegExp][] = [
    [
      '"env" "emscripten_memcpy_js" (func)',
      /env\.emscripten_memcpy_js is unknown.*STANDALONE_WASM/,
    ],
    ['"env" "invoke_vii" (func)', /emscripten.*STANDALONE_WASM/],
    ['"a" "b" (func)', /a\.b is unknown.*emscripten/],
    ['"wasi" "thread-spawn" (func (param i32) (result i32))', /thread.*without threads/],
    ['"wasi:io/streams@0.2.0" "[method]x" (func)', /preview2.*wasm32-wasip1/],
    ['"wasi_snapshot_preview2" "x" (func)', /another version of WASI.*preview1/],
    ['"wasi_ephemeral_fd" "x" (func)', /another version of WASI/],
    ['"gojs" "runtime.wasmExit" (func (param i32))', /Go's.*GOOS=wasip1/],
    ['"./x_bg.js" "__wbindgen_throw" (func)', /wasm-bindgen.*wasm32-wasip1/],
    ['"wbg" "__wbg_log_1" (func)', /wasm-bindgen/],
    ['"wasix_32v1" "thread_id" (func)', /WASIX/],
    ['"wasi_snapshot_preview1" "sock_open" (func)', /socket call that WasmEdge added/],
    ['"wasi_snapshot_preview1" "fd_dup" (func)', /fd_dup is unknown: the sandbox offers only/],
    ['"wasi_nn" "load" (func)', /extension.*without this extension/],
    ['"env" "abort" (func (param i32 i32 i32 i32))', /AssemblyScript.*wasi-shim/],
    ['"env" "my_function" (func)', /linker left it undefined.*allow-undefined/],
    ['"host" "x" (func)', /host\.x is unknown.*wasm32-wasip1/],
    ['"h\\0a" "\\1b[31m" (func)', /Import h\\n\.\\x1b\[31m is unknown/],
    ['"env" "memory" (memory 1)', /env\.memory is an imported memory.*import-memory/],
    ['"env" "table" (table 1 funcref)', /env\.table is an imported table.*import-table/],
    ['"env" "__memory_base" (global i32)', /__memory_base is an imported global.*statically/],
    ['"env" "__cpp_exception" (tag)', /imported tag.*into one module/],
  ];
  test.each(cases)("%s", (it, finding) => {
    const findings = findingsOf(
      moduleOf(`(module (import ${it}) (func (export "_start"))
      ${it.includes("(memory") ? '(export "memory" (memory 0))' : '(memory (export "memory") 1)'})`),
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(finding);
  });

  test("all of emscripten's env, when one of them shows it", () => {
    const findings = findingsOf(
      moduleOf(`(module (import "env" "puts_js" (func))
      (import "env" "_emscripten_exit" (func)) ${COMMAND})`),
    );
    expect(findings).toHaveLength(2);
    expect(findings[0]).toContain("-sSTANDALONE_WASM");
  });

  test("a known call under another type names both", () => {
    const bytes = moduleOf(`(module (import "wasi_snapshot_preview1" "fd_seek"
      (func (param i32 i32 i32 i32) (result i32))) ${COMMAND})`);
    expect(findingsOf(bytes)).toEqual([
      expect.stringMatching(
        /fd_seek has the type \(i32 i32 i32 i32 -> i32\) \| \(i32 i64 i32 i32 -> i32\)/,
      ),
    ]);
    const { signatures: _, ...unchecked } = OPTIONS;
    expect(judgeProgram(bytes, unchecked).findings).toEqual([]);
  });

  test("each unknown import is listed, up to fifty", () => {
    const imports = Array.from({ length: 70 }, (_, n) => `(import "x" "f${n}" (func))`);
    const findings = findingsOf(moduleOf(`(module ${imports.join("")} ${COMMAND})`));
    expect(findings).toHaveLength(51);
    expect(findings[50]).toMatch(/^20 more imports are unknown/);
  });

  test("names of object properties are no offers", () => {
    const bytes = moduleOf(`(module
      (import "wasi_snapshot_preview1" "constructor" (func)) ${COMMAND})`);
    expect(findingsOf(bytes)).toHaveLength(1);
  });
});

describe("judgeProgram() refuses what a module is", () => {
  const cases: readonly [text: string, wat: string, finding: RegExp][] = [
    ["a reactor", '(memory (export "memory") 1) (func (export "_initialize"))', /reactor.*command/],
    ["a library", '(memory (export "memory") 1) (func (export "add"))', /no _start.*start file/],
    [
      "_start with a result",
      '(memory (export "memory") 1) (func (export "_start") (result i32) (i32.const 1))',
      /_start is a function of type \(-> i32\)/,
    ],
    [
      "_start that is no function",
      '(memory (export "memory") 1) (global (export "_start") i32 (i32.const 1))',
      /_start is a global \|/,
    ],
    ["no exported memory", '(memory 1) (func (export "_start"))', /does not export its memory/],
    ["no memory", '(func (export "_start"))', /does not export its memory/],
    [
      "another thing named memory",
      '(func (export "memory")) (func (export "_start"))',
      /does not export its memory/,
    ],
    [
      "shared memory",
      '(memory (export "memory") 1 2 shared) (func (export "_start"))',
      /shared between threads.*without threads/,
    ],
    [
      "memory64",
      '(memory (export "memory") i64 1) (func (export "_start"))',
      /64-bit addresses.*wasm32/,
    ],
    ["two memories", `${COMMAND} (memory 1)`, /has 2 memories \| one memory/],
    [
      "a large table",
      `${COMMAND} (table 10000001 funcref)`,
      /10000001 elements, and the limit is 10000000/,
    ],
  ];
  test.each(cases)("%s", (_text, wat, finding) => {
    const findings = findingsOf(moduleOf(`(module ${wat})`));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(finding);
  });

  test("pages of a size of their own", () => {
    const bytes = hexModule(`${PREAMBLE} 05 04 01 08 01 00`);
    expect(findingsOf(bytes).join()).toMatch(/pages of 2\^0 bytes/);
  });

  test("a minimum above the limit, with both figures and the original's code", () => {
    const verdict = judgeProgram(moduleOf(`(module ${COMMAND})`), {
      ...OPTIONS,
      memoryBytes: 100_000,
    });
    expect(verdict.findings).toMatchObject([
      {
        message: "The program begins with 131072 bytes of memory, and the limit is 100000",
        stage: "memory",
        code: 12,
        state: "user heap size is too small",
      },
    ]);
  });

  test("all at once, each finding by itself", () => {
    const bytes = moduleOf('(module (import "x" "y" (func)) (memory 1 1 shared))');
    const { findings } = judgeProgram(bytes, OPTIONS);
    expect(findings).toHaveLength(4);
    for (const found of findings) {
      expect(found).toMatchObject({ severity: "error", stage: "module", code: 8 });
      expect(found.state).toBe("validation failed");
    }
  });
});

describe("judgeProgram() names what is no module", () => {
  const cases: readonly [bytes: Uint8Array, finding: RegExp][] = [
    [hexModule("00 61 73 6d 0d 00 01 00"), /component.*wasm-tools/],
    [text("PEXE"), /PNaCl executable.*rebuild/],
    [hexModule("42 43 c0 de"), /LLVM bitcode.*clang/],
    [hexModule("7f 45 4c 46 02 01 01"), /ELF.*rebuild it for wasm32-wasip1/],
    [text("(module)"), /text form.*wat2wasm/],
    [text("#!/usr/bin/python3"), /a script.*zerovm run python/],
    [hexModule("1f 8b"), /gzip.*gunzip/],
    [hexModule("50 4b 03 04"), /zip.*unzip/],
    [text("print('hello')"), /no program of a known kind \| a WebAssembly module/],
    [hexModule("00 61 73 6d 01 00 00 00 01 7f"), /damaged module: the type section is cut off/],
  ];
  test.each(cases)("%#", (bytes, finding) => {
    const { findings, shape } = judgeProgram(bytes, OPTIONS);
    expect(shape).toBeUndefined();
    expect(findings).toMatchObject([{ stage: "module", code: 8, state: "check failed" }]);
    expect(findingsOf(bytes)[0]).toMatch(finding);
  });

  test("an empty file has the original's code for one too short to read", () => {
    const { findings } = judgeProgram(new Uint8Array(0), OPTIONS);
    expect(findings).toMatchObject([
      { message: "prog.wasm is an empty file", code: 5, state: "check failed" },
    ]);
  });
});

test("memoryPagesOf() rounds down and stops at 4 GiB", () => {
  expect([0, 65_535, 65_536, 2 ** 32, 2 ** 40].map(memoryPagesOf)).toEqual([
    0, 0, 1, 65_536, 65_536,
  ]);
});
