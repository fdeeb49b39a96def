import { describe, expect, it } from "vitest";
import { importsOf, maskSource, maskStrings } from "./source-text.ts";

describe("maskSource", () => {
  it.each([
    ["a // Date", "a        "],
    ["a /* Date\n Date */ b", "a        \n         b"],
    ['f("Date", 1)', 'f("    ", 1)'],
    ['f("a\\"b") + c', 'f("    ") + c'],
    ["x = 'it\\'s'", "x = '     '"],
    ["`a ${b + `c ${d}`} e`;", "`  ${b + `  ${d}`}  `;"],
    ["`${{ a: 1 }.a} b` + c", "`${{ a: 1 }.a}  ` + c"],
    ['x = /Da"te[/]/g.test(y)', "x = /        /g.test(y)"],
    ["a = b / c; d = e / f", "a = b / c; d = e / f"],
    ["return /'/;", "return / /;"],
    ["(a) / 2 // x", "(a) / 2     "],
    ['"open\nnext', '"    \nnext'],
    ["`never ends", "`          "],
  ])("turns %j into %j", (text, masked) => {
    expect(maskSource(text)).toBe(masked);
  });
});

it("maskStrings leaves comments as they are", () => {
  expect(maskStrings('f("Date"); // Date\n/* "a" */')).toBe('f("    "); // Date\n/* "a" */');
});

describe("importsOf", () => {
  it("finds every form, in order, with its line", () => {
    const text = [
      'import { a } from "./a.ts";',
      'import type { B } from "./b.ts";',
      'import * as c from "node:fs";',
      "import {",
      "  d,",
      "  type E,",
      '} from "./d.ts";',
      'import "./e.ts";',
      'export { f } from "./f.ts";',
      'export * from "./g.ts";',
      'const h = await import("./h.ts");',
      'type I = import("./i.ts").I;',
      'import j from "./j.json" with { type: "json" };',
    ].join("\n");
    expect(importsOf(text)).toEqual([
      { specifier: "./a.ts", line: 1 },
      { specifier: "./b.ts", line: 2 },
      { specifier: "node:fs", line: 3 },
      { specifier: "./d.ts", line: 7 },
      { specifier: "./e.ts", line: 8 },
      { specifier: "./f.ts", line: 9 },
      { specifier: "./g.ts", line: 10 },
      { specifier: "./h.ts", line: 11 },
      { specifier: "./i.ts", line: 12 },
      { specifier: "./j.json", line: 13 },
    ]);
  });

  it.each([
    '// import { a } from "./a.ts";',
    "const text = 'import \"./a.ts\"';",
    'export const from = "./a.ts";',
    'export const a = 1;\nconst from = "./b.ts";',
    '`import { a } from "./a.ts"`;',
  ])("finds none in %j", (text) => {
    expect(importsOf(text)).toEqual([]);
  });
});
