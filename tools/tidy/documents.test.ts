import { describe, expect, it } from "vitest";
import { checkChangelog, checkDocuments, checkReachable } from "./documents.ts";
import { formatFinding } from "./finding.ts";
import { anchorOf, readMarkdown } from "./markdown.ts";
import { plantedRepository } from "./repository.ts";

describe("readMarkdown", () => {
  it("finds headings and links, but none in code", () => {
    const text = [
      "# Title",
      '[a](a.md) and ![b](b.svg "B") and [c](<c.md>)',
      "`[no](no.md)` ``a ` [no](no.md)``",
      "[d]: d.md",
      "```sh",
      "# no heading",
      "[no](no.md)",
      "~~~",
      "```",
      "## Part two ##",
      "    # no heading either",
    ].join("\n");
    expect(readMarkdown(text)).toEqual({
      headings: [
        { level: 1, text: "Title" },
        { level: 2, text: "Part two" },
      ],
      links: [
        { target: "a.md", line: 2 },
        { target: "b.svg", line: 2 },
        { target: "c.md", line: 2 },
        { target: "d.md", line: 4 },
      ],
      openFence: undefined,
    });
  });

  it.each([
    ["`run` options", "run-options"],
    ["What, then?", "what-then"],
    ["[Linked](a.md) under_score", "linked-under_score"],
  ])("anchorOf(%j) is %j", (heading, anchor) => {
    expect(anchorOf(heading)).toBe(anchor);
  });
});

describe("checkDocuments", () => {
  const check = (text: string) =>
    checkDocuments(
      plantedRepository({ "docs/a.md": text, "docs/b.md": "# B\n## One part\n", "src/x.ts": "" }),
    ).map(formatFinding);

  it.each([
    ["no title", "## A", "docs/a.md: has 0 titles (#), not one"],
    ["two titles", "# A\n# B", "docs/a.md: has 2 titles (#), not one"],
    ["an open fence", "# A\n```\n~~~\n", "docs/a.md:2: opens a code fence for good"],
    ["a dead link", "# A\n[x](c.md)", "docs/a.md:2: links to docs/c.md, which is not there"],
    ["a dead anchor", "# A\n[x](b.md#two)", "docs/a.md:2: links to #two, no heading of docs/b.md"],
    ["a dead anchor within", "# A\n[x](#b)", "docs/a.md:2: links to #b, no heading of docs/a.md"],
  ])("finds %s", (_what, text, finding) => {
    expect(check(text)).toEqual([finding]);
  });

  it.each([
    "[x](b.md)",
    "[x](b.md#one-part)",
    "[x](#a)",
    "[x](../src/x.ts)",
    "[x](../src/)",
    "[x](..)",
    "[x](https://example.org/none)",
  ])("accepts %s", (text) => {
    expect(check(`# A\n${text}`)).toEqual([]);
  });
});

it("checkReachable follows the links between the pages", () => {
  const repository = plantedRepository({
    "docs/README.md": "[a](a.md) [out](../README.md)",
    "docs/a.md": "[b](guide/b.md#part)",
    "docs/guide/b.md": "[h](../x.h) [home](../README.md)",
    "docs/x.h": "",
    "docs/lost.md": "[a](a.md)",
    "README.md": "[lost](docs/lost.md)",
  });
  expect(checkReachable(repository).map(formatFinding)).toEqual([
    "docs/lost.md: cannot be reached from docs/README.md",
  ]);
});

describe("checkChangelog", () => {
  const check = (...lines: string[]) =>
    checkChangelog(plantedRepository({ "CHANGELOG.md": lines.join("\n") })).map(
      (finding) => finding.message,
    );

  it.each([
    [["# Changelog", "## [Unreleased]", "### Added", "- a"]],
    [["# Changelog", "## Unreleased", "## 1.10.0 - 2026-02-01", "## [1.9.0] - 2026-01-01"]],
  ])("accepts %j", (lines) => {
    expect(check(...lines)).toEqual([]);
  });

  it.each([
    [["# Changes", "## Unreleased"], 'is titled "Changelog"'],
    [["# Changelog"], 'begins with "Unreleased"'],
    [["# Changelog", "## Unreleased", "### New"], "has the section New, not one of"],
    [["# Changelog", "## Unreleased", "## 1.0"], 'has the version "1.0", not of the form'],
    [
      ["# Changelog", "## Unreleased", "## 1.9.0 - 2026-01-01", "## 1.10.0 - 2026-02-01"],
      'has "1.10.0 - 2026-02-01" below "1.9.0 - 2026-01-01"',
    ],
  ])("finds what is wrong in %j", (lines, message) => {
    expect(check(...lines)).toEqual([expect.stringContaining(message)]);
  });
});
