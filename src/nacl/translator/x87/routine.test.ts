import { describe, expect, it } from "vitest";
import { GLOBALS } from "../guest/index.ts";
import { Code, TypeTable, writeModule } from "../wasm/index.ts";
import { readRoutines } from "./read-routines.ts";

type Compiled = Readonly<Record<string, (...values: (bigint | number)[]) => unknown>>;

/** Compiles routines to a module of their own that exports all of them. */
function compiled(text: string): Compiled {
  const routines = readRoutines([text], new Map());
  const types = new TypeTable();
  const names = [...routines.keys()];
  const scope = { routine: (name: string) => names.indexOf(name), faultFunction: 0 };
  const functions = [...routines.values()].map(({ parameters, results, write }) => {
    const code = new Code(parameters.length);
    write(code, scope);
    return { type: types.index(parameters, results), code };
  });
  const exports = names.map((name, index) => [name, index] as const);
  const parts = {
    memoryPages: 1,
    tables: [],
    globals: GLOBALS,
    imports: [],
    elements: [],
    data: [],
  };
  const module = writeModule({ ...parts, types, functions, exports });
  return new WebAssembly.Instance(new WebAssembly.Module(module)).exports as unknown as Compiled;
}

function failure(body: string): string {
  try {
    compiled(`\nprobe(a: u64, b: i32): u64 {\n${body}\n}\n`);
  } catch (error) {
    return String(error);
  }
  return "";
}

describe("routines", () => {
  it("bind operators as in C, and give numbers of 32 bits a sign only", () => {
    const { mixed, orders, shifts, chosen } = compiled(`
mixed(a: i32, b: i32, c: i32): i32 {
  return a | b & c + a * 2 == 6 && !(a - b < c);
}

orders(a: u64, b: i32): i32 {
  return (a > 5) + ((b > 5) << 1);
}

shifts(a: u64, b: i32): u64, i32 {
  return a >> b, -b >> 1;
}

chosen(a: i32): u64 {
  return a ? 0xffff_ffff_ffff_fff0 : clz(u64(a) | 1) - 3;
}
`);
    const model = (a: number, b: number, c: number) =>
      (a | (b & (Number(c + a * 2 === 6) as number))) !== 0 && !(a - b < c) ? 1 : 0;
    for (const [a, b, c] of [
      [1, 1, 4],
      [9, 1, 4],
      [0, 1, 6],
      [0, -9, 6],
    ] as const) {
      expect(mixed?.(a, b, c)).toBe(model(a, b, c));
    }
    expect([orders?.(-1n, -1), orders?.(4n, 6)]).toEqual([1, 2]);
    expect(shifts?.(-1n, 60)).toEqual([15n, -30]);
    expect([chosen?.(1), chosen?.(0)]).toEqual([-16n, 60n]);
  });

  it("loop, call each other, give several results and evaluate the right side only if needed", () => {
    const { greatest, order, once } = compiled(`
order(a: u64, b: u64): u64, u64 {
  if (a < b) { a, b = b, a; }
  return a, b;
}

greatest(a: u64, b: u64): u64 {
  a, b = order(a, b);
  // Division by zero would trap.
  while (b != 0 && a / b != 0) {
    let rest = a % b;
    a, b = b, rest;
  }
  return a;
}

once(a: i32): i32 {
  if (a == 0 || 7 / a == 7) { return 1; }
  else if (a == 3) { return 3; }
  return 0;
}
`);
    expect(order?.(3n, 8n)).toEqual([8n, 3n]);
    expect(greatest?.(84n, 36n)).toBe(12n);
    expect([0, 1, 2, 3].map((value) => once?.(value))).toEqual([1, 1, 0, 3]);
  });

  it("fail with the place for what is not known or of the wrong type", () => {
    expect(failure("return c;")).toMatch(/c is known: .*return c/s);
    expect(failure("return b;")).toMatch(/a value of u64/);
    expect(failure("c = a; return a;")).toMatch(/c is declared/);
    expect(failure("return missing(a);")).toMatch(/routine missing/);
    expect(failure("return a, b;")).toMatch(/as many values/);
    expect(failure("return a")).toMatch(/; in place of/);
    expect(failure("return a $ b;")).toMatch(/no word of a routine/);
    expect(failure("return a;")).toBe("");
  });
});
