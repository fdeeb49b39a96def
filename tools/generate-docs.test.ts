import { expect, it } from "vitest";
import { errorsPage, fuelPage, limitsPage, wallsPage } from "./generate-docs.ts";
import { jobErrorsPage } from "./job-errors-page.ts";
import { formatAmount } from "./page.ts";
import { printJson } from "./print-json.ts";

it.each([
  [50, "seconds", "50"],
  [65_536, "descriptors", "65,536"],
  [4096, "bytes", "4 KiB (4,096)"],
  [2 ** 32, "bytes", "4 GiB (4,294,967,296)"],
  [2 ** 44, "bytes", "16 TiB (17,592,186,044,416)"],
  [1500, "bytes", "1,500"],
  [0, "bytes", "0"],
])("formatAmount(%d, %s) is %s", (amount, unit, text) => {
  expect(formatAmount(amount, unit)).toBe(text);
});

it("errorsPage has a row for each code, with bars escaped", () => {
  const kind = { meaning: "a | b", remedy: "wait", exitStatus: 125, httpStatus: 400 };
  const text = errorsPage({ ZVM_ONE: kind });
  expect(text).toContain("| `ZVM_ONE` | a \\| b | wait | 125 | 400 |\n");
});

it("limitsPage says what a limit answers with", () => {
  const kind = { unit: "seconds", standard: 5, maximum: 9, meaning: "Wall time" } as const;
  const text = limitsPage({
    time: { ...kind, answer: "ends" },
    other: { ...kind, answer: "errno" },
  });
  expect(text).toContain("| `time` | seconds | 5 | 9 | ends the session | Wall time |\n");
  expect(text).toContain("| `other` | seconds | 5 | 9 | errno | Wall time |\n");
});

it("fuelPage has a row for each cost, and one for what has none of its own", () => {
  const text = fuelPage([{ what: "`call`", cost: 7, opcodes: [[0x10, 0x10]] }]);
  expect(text).toContain("| `call` | 7 |\n| every other instruction | 1 |\n");
});

it("wallsPage shows what becomes of each call", () => {
  const text = wallsPage({ one: "a wall" }, [
    { name: "read", x64: 0, why: "reading" },
    { name: "open", arm64: 5, answers: "EACCES", why: "looking" },
    { name: "clock", x64: 7, asks: "its own", otherwise: "EINVAL", why: "time" },
  ]);
  expect(text).toContain("| one | a wall |\n");
  expect(text).toContain("| `read` | 0 | none | made |  | reading |\n");
  expect(text).toContain("| `open` | none | 5 | answered with EACCES |  | looking |\n");
  expect(text).toContain("| `clock` | 7 | none | made | its own; else EINVAL | time |\n");
});

it("jobErrorsPage tells errors from warnings", () => {
  const text = jobErrorsPage(
    {
      one: { text: "Bad {what}", meaning: "it is bad", status: 400 },
      two: { text: "Odd", meaning: "it is odd", status: 200 },
    },
    { nodes: { unit: "instances", standard: 1000, maximum: 2000, meaning: "of a job" } },
  );
  expect(text).toContain("| `one` | `Bad {what}` | 400 | it is bad |\n");
  expect(text).toContain("| `two` | `Odd` | it is odd |\n");
  expect(text).toContain("| `nodes` | instances | 1,000 | 2,000 | of a job |\n");
});

it("printJson prints arrays of plain values on one line where they fit", () => {
  const value = { a: ["x", null], b: { c: [{ d: 1 }], e: {} }, f: ["y".repeat(99)] };
  expect(JSON.parse(printJson(value))).toEqual(value);
  expect(printJson(value)).toBe(`{
  "a": ["x", null],
  "b": {
    "c": [
      {
        "d": 1
      }
    ],
    "e": {}
  },
  "f": [
    "${"y".repeat(99)}"
  ]
}`);
});
