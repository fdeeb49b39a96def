import { describe, expect, it } from "vitest";
import { formatFinding } from "./finding.ts";
import { describeFile, plantedRepository, Repository } from "./repository.ts";
import { checkContents, checkFileLengths, checkLineLengths } from "./sizes.ts";

describe("checkFileLengths", () => {
  const check = (path: string, lineCount: number, linesMax?: number) => {
    const repository = plantedRepository({ [path]: "x;\n".repeat(lineCount) });
    const listed = linesMax === undefined ? {} : { [path]: { linesMax, reason: "a table" } };
    return checkFileLengths(repository, listed).map(formatFinding);
  };

  it.each([
    ["src/a.ts", 300, undefined],
    ["src/a.ts", 310, 320],
    ["src/a.test.ts", 400, undefined],
    ["docs/a.md", 900, undefined],
  ])("accepts %s of %d lines, listed with %j", (path, lineCount, linesMax) => {
    expect(check(path, lineCount, linesMax)).toEqual([]);
  });

  it.each([
    [
      "src/a.ts",
      301,
      undefined,
      "has 301 lines, the aim is 300: split it, or list it with a reason",
    ],
    ["src/a.ts", 321, 320, "grew to 321 lines, from 320"],
    ["src/a.ts", 300, 320, "is short again: take it out of the ratchet"],
    ["src/a.ts", 501, 600, "has 501 lines, 500 are the most: split it"],
    ["src/a.test.ts", 501, undefined, "has 501 lines, 500 are the most: split it"],
  ])("finds %s of %d lines, listed with %j", (path, lineCount, linesMax, message) => {
    expect(check(path, lineCount, linesMax)).toEqual([`${path}: ${message}`]);
  });

  it("finds a row for a file that is gone", () => {
    const listed = { "src/gone.ts": { linesMax: 400, reason: "a table" } };
    const found = checkFileLengths(plantedRepository({}), listed).map(formatFinding);
    expect(found).toEqual(["src/gone.ts: does not exist: take it out of the ratchet"]);
  });
});

describe("checkLineLengths", () => {
  const long = "word ".repeat(25);
  const check = (text: string) => checkLineLengths(plantedRepository({ "a.ts": text })).length;

  it.each([
    ["code", `a;\n${"f() + ".repeat(20)}1;`],
    ["a comment", `// ${long}end`],
    ["a line of a block comment", `/**\n * ${long}end\n */`],
    ["code with a string in it", `${"f() + ".repeat(20)}"a b";`],
  ])("finds %s", (_what, text) => {
    expect(check(text)).toBe(1);
  });

  it.each([
    ["a string", `const a = "${long}";`],
    ["a template", `const a = \`${long}\${b} ${long}\`;`],
    ["a line of a template", `const a = \`\n${long}\n\`;`],
    ["a regular expression", `const a = /${long}/;`],
    ["an address", `// ${long} https://example.org/`],
    ["100 columns", "a".repeat(100)],
  ])("accepts %s", (_what, text) => {
    expect(check(text)).toBe(0);
  });
});

it("checkContents finds binaries and bulk", () => {
  const repository = new Repository([
    describeFile("a.wasm", Uint8Array.of(0, 0x61, 0x73, 0x6d)),
    describeFile("b.json", new Uint8Array(256 * 1024 + 1).fill(0x20)),
    describeFile("c.json", new Uint8Array(256 * 1024).fill(0x20)),
  ]);
  expect(checkContents(repository).map(formatFinding)).toEqual([
    "a.wasm: is no text: make it in a test instead",
    "b.json: has 257 KiB, 256 are the most",
  ]);
});
