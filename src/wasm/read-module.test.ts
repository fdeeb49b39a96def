import { describe, expect, test } from "vitest";
import { hexModule, moduleOf, PREAMBLE } from "../../test/support/wat.ts";
import { memorySource, ZvmError } from "../base/index.ts";
import { MODULE_BYTES_MAX, readModule, readModuleFrom } from "./read-module.ts";

function refusalOf(bytes: Uint8Array): ZvmError {
  try {
    readModule(bytes);
  } catch (error) {
    if (error instanceof ZvmError) return error;
    throw error;
  }
  throw new Error("the module was accepted");
}

describe("readModule() of good modules", () => {
  const bytes = moduleOf(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "env" "limit" (global (mut i64)))
    (import "env" "far" (memory 1 2))
    (import "env" "calls" (table 4 externref))
    (import "env" "oops" (tag (param f32 f64)))
    (memory 3 7)
    (table 5 6 funcref)
    (global i32 (i32.const 1))
    (global (export "g") (mut f64) (f64.const 1))
    (tag (param i32))
    (func $start (export "_start"))
    (func (export "two") (param i32 v128) (result i32 f32) unreachable)
    (export "memory" (memory 1))
    (export "table" (table 0))
    (start $start)
    (elem (table 1) (i32.const 0) func $start)
    (data (memory 1) (i32.const 0) "hello"))`);
  const shape = readModule(bytes);

  test("imports have module, name, kind and type", () => {
    expect(shape.imports.map(({ offset: _, ...it }) => it)).toEqual([
      {
        module: "wasi_snapshot_preview1",
        name: "fd_write",
        kind: "function",
        type: "i32 i32 i32 i32 -> i32",
      },
      { module: "env", name: "limit", kind: "global", type: "mut i64" },
      { module: "env", name: "far", kind: "memory" },
      { module: "env", name: "calls", kind: "table" },
      { module: "env", name: "oops", kind: "tag", type: "f32 f64 ->" },
    ]);
    expect(shape.imports[0]?.offset).toBeGreaterThan(8);
  });

  test("exports have kind, index and the type of functions", () => {
    expect(shape.exports.map(({ offset: _, ...it }) => it)).toEqual([
      { name: "g", kind: "global", index: 2 },
      { name: "_start", kind: "function", index: 1, type: "->" },
      { name: "two", kind: "function", index: 2, type: "i32 v128 -> i32 f32" },
      { name: "memory", kind: "memory", index: 1 },
      { name: "table", kind: "table", index: 0 },
    ]);
  });

  test("memories and tables come imported first, with their limits", () => {
    expect(shape.memories).toMatchObject([
      { imported: true, minimum: 1, maximum: 2, shared: false, address64: false },
      { imported: false, minimum: 3, maximum: 7 },
    ]);
    expect(shape.tables).toMatchObject([
      { imported: true, minimum: 4, elementType: "externref" },
      { imported: false, minimum: 5, maximum: 6, elementType: "funcref" },
    ]);
    expect(shape.tables[0]).not.toHaveProperty("maximum");
  });

  test("the rest is counted", () => {
    expect(shape).toMatchObject({
      sizeBytes: bytes.length,
      startFunction: 1,
      functionCount: 2,
      globalCount: 3,
      tagCount: 2,
      elementCount: 1,
      dataCount: 1,
    });
    expect(shape.codeBytes).toBeGreaterThan(4);
    expect(shape.dataBytes).toBeGreaterThan(5);
  });

  test("a file gives the same shape and its code is not read", () => {
    const source = memorySource(bytes);
    const code = shape.sections.find((it) => it.id === 10);
    const codeEnd = code?.end ?? 0;
    const readModuleShape = readModuleFrom({
      sizeBytes: source.sizeBytes,
      read(offset, into) {
        const insideCode = offset > (code?.start ?? 0) && offset < codeEnd;
        expect(insideCode).toBe(false);
        return source.read(offset, into);
      },
    });
    expect(readModuleShape).toEqual(shape);
  });

  test("an empty module is one", () => {
    expect(readModule(hexModule(PREAMBLE))).toMatchObject({ imports: [], functionCount: 0 });
  });

  test("custom sections have name, size and place", () => {
    const custom = hexModule(`${PREAMBLE} 00 06 04 6e 61 6d 65 ff  00 03 02 c3 28`);
    expect(readModule(custom).customSections).toEqual([
      { name: "name", sizeBytes: 1, offset: 15 },
      { name: "\ufffd(", sizeBytes: 0, offset: 21 },
    ]);
  });

  test("names beyond ASCII are text", () => {
    const shape = readModule(moduleOf(`(module (func (export "gr\\c3\\b6\\c3\\9fe")))`));
    expect(shape.exports[0]?.name).toBe("größe");
  });

  test("memory64 and shared memory are seen", () => {
    const far = readModule(moduleOf("(module (memory i64 1 4294967296))"));
    expect(far.memories[0]).toMatchObject({ address64: true, maximum: 2 ** 32 });
    const shared = readModule(moduleOf("(module (memory 1 2 shared))"));
    expect(shared.memories[0]).toMatchObject({ shared: true, maximum: 2 });
  });

  test("a page size of the module's own is seen", () => {
    const bytes = hexModule(`${PREAMBLE} 05 04 01 08 01 00`);
    expect(readModule(bytes).memories[0]).toMatchObject({ minimum: 1, pageSizeLog2: 0 });
  });
});

describe("readModule() of types that newer engines know", () => {
  const cases: readonly [text: string, hex: string, types: readonly string[]][] = [
    ["a recursive group", "01 0a 01 4e 02 5f 01 78 00 5e 7f 01", ["struct", "array"]],
    ["subtypes", "01 0c 02 50 00 5f 00 4f 01 00 5f 01 7f 01", ["struct", "struct"]],
    ["typed references", "01 09 01 60 02 63 70 64 00 01 69", ["(ref null func) (ref 0) -> exnref"]],
    ["abstract heap types", "01 08 01 60 04 6e 6d 6c 71 00", ["anyref eqref i31ref noneref ->"]],
  ];
  test.each(cases)("%s", (_text, hex, types) => {
    expect(readModule(hexModule(`${PREAMBLE} ${hex}`)).types).toEqual(types);
  });

  test("tables with an initial value", () => {
    // Two tables: (ref null func) with a value made of several instructions, then a plain one.
    const bytes = hexModule(`${PREAMBLE}
      04 0d 02  40 00 70 00 01 d0 70 0b  70 01 00 05`);
    expect(readModule(bytes).tables).toMatchObject([
      { elementType: "funcref", minimum: 1 },
      { elementType: "funcref", minimum: 0, maximum: 5 },
    ]);
  });

  const values: readonly [text: string, hex: string][] = [
    ["numbers and sums", "41 7f 41 01 6a 42 00 42 01 7c 43 00000000 44 0000000000000000"],
    ["references", "d0 00 23 01"],
    ["a vector", "fd 0c 00000000000000000000000000000000"],
    ["aggregates", "fb 00 01 fb 08 01 02 fb 1c"],
  ];
  test.each(values)("an initial value with %s", (_text, hex) => {
    const value = hexModule(hex).length;
    const size = (6 + value).toString(16).padStart(2, "0");
    const bytes = hexModule(
      `${PREAMBLE} 04 ${size} 01 40 00 70 00 01 ${hex} 0b`.replace("04 ", "04 "),
    );
    // Size: count, 0x40, 0x00, type, flags, minimum, value, end.
    bytes[9] = 7 + value;
    expect(readModule(bytes).tables).toHaveLength(1);
  });
});

describe("readModule() refuses with offset and expectation", () => {
  const cases: readonly [text: string, hex: string, offset: number, message: RegExp][] = [
    ["an empty file", "", 0, /magic number is cut off/],
    ["another magic number", "00 61 73 6e 01 00 00 00", 3, /no WebAssembly module/],
    ["half a preamble", "00 61 73 6d 01 00", 6, /version is cut off/],
    ["another version", "00 61 73 6d 02 00 00 00", 4, /version 02 00 00 00 is unknown/],
    ["a section without size", `${PREAMBLE} 01`, 9, /size of a section is cut off/],
    ["an unknown section", `${PREAMBLE} 0e 00`, 10, /section 14 is unknown/],
    ["a section larger than the file", `${PREAMBLE} 01 05 00`, 10, /type section is cut off/],
    ["a size of 4 GiB", `${PREAMBLE} 01 ff ff ff ff 0f`, 14, /type section is cut off/],
    ["a size of six bytes", `${PREAMBLE} 01 80 80 80 80 80 00`, 9, /no 32-bit number/],
    ["a size with unused bits", `${PREAMBLE} 01 80 80 80 80 10`, 9, /no 32-bit number/],
    ["two type sections", `${PREAMBLE} 01 01 00 01 01 00`, 11, /a second type section/],
    ["sections out of order", `${PREAMBLE} 03 01 00 01 01 00`, 11, /type section comes too late/],
    ["data count after code", `${PREAMBLE} 0a 01 00 0c 01 00`, 11, /data count section comes too/],
    ["bytes left over", `${PREAMBLE} 01 02 00 00`, 11, /type section has 1 bytes too many/],
    [
      "more types than bytes",
      `${PREAMBLE} 01 05 ff ff ff ff 0f`,
      10,
      /4294967295 types do not fit/,
    ],
    ["no form of type", `${PREAMBLE} 01 03 01 61 00`, 11, /0x61 begins no type/],
    ["no value type", `${PREAMBLE} 01 05 01 60 01 40 00`, 13, /0x40 is no value type/],
    ["no heap type", `${PREAMBLE} 01 06 01 60 01 63 40 00`, 14, /is no heap type/],
    [
      "a heap type with unused bits",
      `${PREAMBLE} 01 0a 01 60 01 63 80 80 80 80 20 00`,
      14,
      /33-bit/,
    ],
    ["no mutability", `${PREAMBLE} 01 05 01 5f 01 7f 02`, 14, /2 is no mutability/],
    ["an import cut off", `${PREAMBLE} 02 05 01 01 61 01 62`, 15, /kind is cut off/],
    ["a name beyond the section", `${PREAMBLE} 02 05 01 7f 61 62 63`, 12, /cut off/],
    ["a name that is no UTF-8", `${PREAMBLE} 02 06 01 01 ff 01 62 00`, 11, /is not UTF-8/],
    ["an import of a kind unknown", `${PREAMBLE} 02 06 01 01 61 01 62 05`, 15, /5 is no kind/],
    ["an import of no type", `${PREAMBLE} 02 07 01 01 61 01 62 00 00`, 16, /type 0 is no function/],
    ["a function of no type", `${PREAMBLE} 03 02 01 00`, 11, /there is no type 0/],
    ["a function of a long no type", `${PREAMBLE} 03 03 01 80 01`, 11, /there is no type 128/],
    ["a function of a struct", `${PREAMBLE} 01 03 01 5f 00 03 02 01 00`, 16, /no function type/],
    ["a function without a body", `${PREAMBLE} 01 04 01 60 00 00 03 02 01 00`, 18, /0 have a body/],
    ["a table of numbers", `${PREAMBLE} 04 04 01 40 01 00`, 12, /begins no table/],
    ["flags of no limits", `${PREAMBLE} 05 03 01 10 00`, 11, /16 are no flags/],
    ["a maximum that is missing", `${PREAMBLE} 05 03 01 01 00`, 13, /maximum is cut off/],
    ["a 64-bit minimum too long", `${PREAMBLE} 05 0d 01 04 ${"80 ".repeat(10)}00`, 12, /64-bit/],
    ["an export of nothing", `${PREAMBLE} 07 05 01 01 61 00 00`, 14, /there is no function 0/],
    [
      "two exports of one name",
      `${PREAMBLE} 05 03 01 00 01 07 09 02 01 61 02 00 01 61 02 00`,
      20,
      /one name/,
    ],
    ["a start of nothing", `${PREAMBLE} 08 01 00`, 10, /there is no function 0/],
    ["a tag with attribute", `${PREAMBLE} 0d 03 01 01 00`, 11, /1 is no attribute/],
    [
      "code without functions",
      `${PREAMBLE} 0a 04 01 02 00 0b`,
      14,
      /0 functions are declared and 1/,
    ],
    ["a body count that lies", `${PREAMBLE} 0a 02 ff 01`, 10, /function bodies do not fit/],
    [
      "data that was not announced",
      `${PREAMBLE} 0c 01 02 0b 01 00`,
      14,
      /2 data segments are announced/,
    ],
    ["an empty global section", `${PREAMBLE} 06 00`, 10, /number of globals is cut off/],
    ["a custom section without name", `${PREAMBLE} 00 00`, 10, /cut off/],
    ["a custom name beyond its section", `${PREAMBLE} 00 02 05 61`, 10, /name of a custom section/],
    ["an initial value without end", `${PREAMBLE} 04 06 01 40 00 70 00 01`, 16, /cut off/],
    [
      "an initial value that is no function of the module",
      `${PREAMBLE} 04 08 01 40 00 70 00 01 d2 05`,
      17,
      /there is no function 5/,
    ],
    [
      "an initial value that calls",
      `${PREAMBLE} 04 08 01 40 00 70 00 01 10 00`,
      16,
      /not constant/,
    ],
    [
      "an initial value of strange vectors",
      `${PREAMBLE} 04 08 01 40 00 70 00 01 fd 00`,
      17,
      /not constant/,
    ],
    ["an initial value of casts", `${PREAMBLE} 04 08 01 40 00 70 00 01 fb 17`, 17, /not constant/],
  ];
  test.each(cases)("%s", (_text, hex, offset, message) => {
    const error = refusalOf(hexModule(hex));
    expect(error.code).toBe("ZVM_PROGRAM_REFUSED");
    expect(error.message).toContain("Cannot read the module: ");
    expect(error.diagnostics).toHaveLength(1);
    expect(error.diagnostics[0]?.message).toMatch(message);
    expect(error.diagnostics[0]?.offset).toBe(offset);
  });

  test("names of more than 100 000 bytes", () => {
    const name = "x".repeat(100_001);
    const error = refusalOf(moduleOf(`(module (func (export "${name}")))`));
    expect(error.message).toMatch(/name of an export is too long/);
  });

  test("files above 1 GiB, before anything is read", () => {
    const read = () => {
      throw new Error("read");
    };
    expect(() => readModuleFrom({ sizeBytes: MODULE_BYTES_MAX + 1, read })).toThrow(/too large/);
  });

  test("more entries than any engine takes", () => {
    // A tag section whose 1 500 000 entries of two bytes would be there.
    const section = new Uint8Array(3 + 3_000_000);
    section.set([0xe0, 0xc6, 0x5b]);
    const header = hexModule(`${PREAMBLE} 0d c3 8d b7 01`);
    const bytes = new Uint8Array(header.length + section.length);
    bytes.set(header);
    bytes.set(section, header.length);
    expect(refusalOf(bytes).message).toMatch(/1500000 tags are too many/);
  });

  test("a million custom sections are walked over, not listed", () => {
    const bytes = new Uint8Array(8 + 300_000);
    bytes.set(hexModule(PREAMBLE));
    for (let at = 8; at < bytes.length; at += 3) bytes[at + 1] = 1;
    expect(readModule(bytes).customSections).toHaveLength(1000);
  });
});
