import { expect, it } from "vitest";
import { type Finding, formatFinding } from "./finding.ts";
import { plantedRepository, type Repository } from "./repository.ts";
import { checkMachinePaths, checkOpenEnds, checkRegistries, checkSkippedTests } from "./words.ts";

/** Words that the rules look for, in two halves: this file is looked at as well. */
const OPEN_END = "TO" + "DO";
const HOME = "/ho" + "me/someone/x";
const ROOT = "/ro" + "ot/x";
const TEMPORARY = "/t" + "mp/x";
const REGISTRY = "https://registry.npm" + "js.org/x";
const SKIP = "it.sk" + "ip";

const RULES: Record<string, (repository: Repository) => Finding[]> = {
  checkMachinePaths,
  checkOpenEnds,
  checkRegistries,
  checkSkippedTests,
};

it.each([
  ["checkOpenEnds", "a.ts", `a;\n// ${OPEN_END}: more`, `a.ts:2: ${OPEN_END}: finish it now`],
  ["checkOpenEnds", "a.md", `${OPEN_END} more`, `a.md:1: ${OPEN_END}: finish it now`],
  ["checkOpenEnds", "a.ts", `${OPEN_END}S and a${OPEN_END}`, undefined],
  [
    "checkSkippedTests",
    "a.test.ts",
    `a;\n${SKIP}("x")`,
    "a.test.ts:2: .skip needs a comment that says why",
  ],
  ["checkSkippedTests", "a.test.ts", `// no folder here\n${SKIP}("x")`, undefined],
  ["checkSkippedTests", "a.test.ts", `${SKIP}If(no)("x") // no folder`, undefined],
  ["checkSkippedTests", "a.test.ts", `f("${SKIP}(x)")`, undefined],
  [
    "checkSkippedTests",
    "a.test.ts",
    "// why\ndescribe.on" + "ly()",
    "a.test.ts:2: runs only this test: take it out",
  ],
  ["checkMachinePaths", "a.md", `see ${HOME}`, "a.md:1: names a path of one machine, /ho" + "me/s"],
  ["checkMachinePaths", "a.ts", `"${ROOT}"`, "a.ts:1: names a path of one machine, /ro" + "ot/"],
  [
    "checkMachinePaths",
    "a.md",
    `in \`${TEMPORARY}\``,
    "a.md:1: names a path of one machine, /t" + "mp",
  ],
  ["checkMachinePaths", "a.ts", `"${TEMPORARY}"`, undefined],
  ["checkMachinePaths", "a.md", `the guest's /workshop and docs${HOME}`, undefined],
  [
    "checkRegistries",
    "a.md",
    `a\n${REGISTRY}`,
    "a.md:2: names the address of a package: take it out",
  ],
  [
    "checkRegistries",
    "package-lock.json",
    '"resolved": "https://x"',
    "package-lock.json:1: names the address of a package: take it out",
  ],
  ["checkRegistries", "package-lock.json", '"url": "https://x"', undefined],
])("%s looks at %s with %j", (rule, path, text, finding) => {
  const found = RULES[rule]?.(plantedRepository({ [path]: text })).map(formatFinding);
  expect(found).toEqual(finding === undefined ? [] : [finding]);
});
