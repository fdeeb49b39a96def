import { expect, it } from "vitest";
import { formatFinding } from "./finding.ts";
import { plantedRepository } from "./repository.ts";
import {
  checkDependencies,
  checkErrorCodes,
  checkGenerated,
  checkLimits,
  checkLock,
} from "./tables.ts";

it("checkGenerated finds a page that is not of today, or not there", () => {
  const repository = plantedRepository({ "a.md": "old", "b.md": "same" });
  const documents = ["a.md", "b.md", "c.md"].map((path) => ({ path, text: "same" }));
  expect(checkGenerated(repository, documents).map(formatFinding)).toEqual([
    "a.md: is not what its table says: run `npm run docs`",
    "c.md: is not what its table says: run `npm run docs`",
  ]);
});

it("checkDependencies finds a package without an entry", () => {
  const repository = plantedRepository({
    "package.json": '{ "dependencies": { "a": "1" }, "devDependencies": { "b": "1", "c": "1" } }',
    "RATIONALE.md": "`a` does much, and `c` too; b is named without marks",
  });
  expect(checkDependencies(repository).map(formatFinding)).toEqual([
    "RATIONALE.md: has no entry for the package `b`",
  ]);
});

it("checkLock finds packages that `npm ci` would miss", () => {
  const packages = {
    "": { dependencies: { a: "1", "@s/b": "1" } },
    "node_modules/a": { optionalDependencies: { c: "1", d: "1", e: "1" } },
    "node_modules/a/node_modules/c": { dependencies: { d: "1", e: "1" } },
    "node_modules/d": {},
  };
  const repository = plantedRepository({ "package-lock.json": JSON.stringify({ packages }) });
  expect(checkLock(repository).map((finding) => finding.message)).toEqual([
    "has no entry for @s/b, which package.json wants",
    "has no entry for e, which node_modules/a wants",
    "has no entry for e, which node_modules/a/node_modules/c wants",
  ]);
});

it("checkErrorCodes finds a code that nothing raises", () => {
  const repository = plantedRepository({
    "src/base/error-table.ts": "ZVM_A ZVM_B ZVM_C",
    "src/tar/a.ts": 'throw new ZvmError("ZVM_A", "")',
    "src/tar/a.test.ts": '"ZVM_B"',
    "src/tar/c.ts": '"ZVM_C_MORE"',
  });
  expect(checkErrorCodes(repository, ["ZVM_A", "ZVM_B", "ZVM_C"]).map(formatFinding)).toEqual([
    "src/base/error-table.ts: ZVM_B is used nowhere in src",
    "src/base/error-table.ts: ZVM_C is used nowhere in src",
  ]);
});

it("checkLimits finds a limit that is not described or not kept", () => {
  const repository = plantedRepository({
    "docs/reference/limits.md": "`time`, `open-files`, `table`",
    "src/base/limits.ts": '"fs-bytes" "table"',
    "src/zrt/a.ts": 'limits["open-files"], hit("fs-bytes"), options.limits.time',
  });
  const names = ["time", "open-files", "fs-bytes", "table"];
  expect(checkLimits(repository, names).map((finding) => finding.message)).toEqual([
    "fs-bytes is missing in docs/reference/limits.md",
    "table is kept nowhere in src",
  ]);
});
