import { expect, it } from "vitest";
import { checkFilterLines, checkPython } from "./filters.ts";
import { formatFinding } from "./finding.ts";
import { plantedRepository } from "./repository.ts";

it("checkFilterLines counts the lines of all filters together", () => {
  const texts = (lineCount: number) => ({
    "swift/zerocloud/a.py": "x\n\n".repeat(300),
    "swift/zerocloud/b.py": "  y\n".repeat(lineCount),
    "swift/tests/test_a.py": "z\n".repeat(900),
  });
  expect(checkFilterLines(plantedRepository(texts(299)))).toEqual([]);
  expect(checkFilterLines(plantedRepository(texts(300))).map(formatFinding)).toEqual([
    "swift/zerocloud: has 600 lines, and may have less than 600: make them do less",
  ]);
});

it.each([
  ["a line of 101 columns", `"""A."""\n${"x".repeat(101)}\n`, 2, "has 101 columns"],
  ["no docstring", "import os\n", 1, "has no docstring"],
  ["a long function", `"""A."""\ndef f():\n${"    x\n".repeat(40)}`, 2, "has a function of 41"],
  [
    "a long method",
    `"""A."""\nclass A:\n    def f(self):\n${"        x\n\n".repeat(20)}        y\n\n    def g`,
    3,
    "has a function of 42",
  ],
])("checkPython finds %s", (_what, text, line, message) => {
  const found = checkPython(plantedRepository({ "swift/a.py": text }));
  expect(found).toEqual([{ path: "swift/a.py", line, message: expect.stringContaining(message) }]);
});

it("checkPython accepts what is short", () => {
  const text = `"""A."""\n${"x".repeat(100)}\n\ndef f():\n${"    x\n".repeat(39)}\n\ndef g():\n`;
  expect(checkPython(plantedRepository({ "swift/a.py": text }))).toEqual([]);
});
