import { describe, expect, it } from "vitest";
import { checkApart } from "./apart.ts";
import { checkCycles, findCycles } from "./cycles.ts";
import { formatFinding } from "./finding.ts";
import { checkImportLaw } from "./import-law.ts";
import { checkPureFolders } from "./pure-folders.ts";
import { plantedRepository } from "./repository.ts";
import type { Room } from "./room.ts";

const LAYERS: Record<string, Room> = {
  base: { pure: true, imports: [] },
  tar: { pure: true, imports: ["base"] },
  "zerovm/cell": { imports: ["base"], entries: ["main.ts"], packages: ["koffi"] },
  zerovm: { imports: ["base", "zerovm/cell"] },
};

/** A tree that obeys; each case plants one file into it. */
const OBEDIENT = {
  "src/base/index.ts": 'export { a } from "./a.ts";',
  "src/base/a.ts": "export const a = 1;",
  "src/tar/index.ts": 'import { a } from "../base/index.ts";',
  "src/zerovm/cell/index.ts": "export {};",
  "src/zerovm/cell/main.ts": 'import { a } from "../../base/index.ts";',
  "src/zerovm/index.ts": 'import "./cell/main.ts";',
};

describe("checkImportLaw", () => {
  const check = (planted: Record<string, string>) =>
    checkImportLaw(plantedRepository({ ...OBEDIENT, ...planted }), LAYERS).map(formatFinding);

  it("finds nothing in an obedient tree", () => {
    expect(check({})).toEqual([]);
  });

  it.each([
    [
      "an import upwards",
      "src/base/x.ts",
      '\nimport "../tar/index.ts";',
      "src/base/x.ts:2: src/base may not import src/tar",
    ],
    [
      "an import past the front door",
      "src/tar/x.ts",
      'import "../base/a.ts";',
      "src/tar/x.ts:1: src/base is entered through its index.ts, not a.ts",
    ],
    [
      "a detour through the own index",
      "src/base/x.ts",
      'import "./index.ts";',
      "src/base/x.ts:1: inside a folder, import the file and not index.ts",
    ],
    [
      "the host in a pure folder",
      "src/tar/x.ts",
      'import type { Stats } from "node:fs";',
      "src/tar/x.ts:1: a pure folder imports no node:fs",
    ],
    [
      "a package that is not allowed",
      "src/zerovm/x.ts",
      'import koffi from "koffi/deep";',
      "src/zerovm/x.ts:1: the package koffi is not allowed in this folder",
    ],
    [
      "a test as a source",
      "src/zerovm/x.ts",
      'import "../base/a.test.ts";',
      "src/zerovm/x.ts:1: src/base/a.test.ts is no source file; only tests may import it",
    ],
    [
      "a folder that is not in the table",
      "src/zerovm/deep/x.ts",
      "",
      "tools/tidy/layers.ts: src/zerovm/deep is missing from the table",
    ],
  ])("finds %s", (_what, path, text, finding) => {
    expect(check({ [path]: text })).toEqual([finding]);
  });

  it("lets tests import anything", () => {
    expect(check({ "src/base/a.test.ts": 'import "node:fs"; import "../tar/x.ts";' })).toEqual([]);
  });

  it("lets a folder use a package that the table names", () => {
    expect(check({ "src/zerovm/cell/x.ts": 'import k from "koffi"; import "node:fs";' })).toEqual(
      [],
    );
  });

  it("takes the sub-folders of a deep folder as parts of it", () => {
    const layers = { ...LAYERS, zerovm: { ...LAYERS["zerovm"], imports: ["base"], deep: true } };
    const planted = {
      "src/zerovm/x.ts": 'import "./parts/y.ts";',
      "src/zerovm/parts/y.ts": 'import "../x.ts"; import "../../base/index.ts";',
      "src/zerovm/index.ts": "",
    };
    const repository = plantedRepository({ ...OBEDIENT, ...planted });
    expect(checkImportLaw(repository, layers as Record<string, Room>)).toEqual([]);
  });

  it("finds rows of the table that mean nothing", () => {
    const layers = { ...LAYERS, gone: { imports: ["nowhere"] } };
    expect(
      checkImportLaw(plantedRepository(OBEDIENT), layers).map((found) => found.message),
    ).toEqual([
      "src/gone has no source files: take it out of the table",
      "gone may import nowhere, which is no folder of the table",
    ]);
  });
});

describe("checkCycles", () => {
  it("finds cycles of files, of types and of what is loaded later too, and of folders", () => {
    const repository = plantedRepository({
      "src/a/index.ts": 'import type { B } from "./b.ts";',
      "src/a/b.ts": 'import { c } from "../c/index.ts"; import "./index.ts";',
      "src/c/index.ts": "export const c = 1;",
      "src/c/d.ts": 'import "../a/index.ts";',
      "src/e/a.ts": 'await import("./b.ts");',
      "src/e/b.ts": 'import "./a.ts";',
      "test/one.ts": 'import "./two.ts";',
      "test/two.ts": 'import "./one.ts";',
    });
    expect(checkCycles(repository, LAYERS).map(formatFinding)).toEqual([
      "src/a/b.ts: imports itself: src/a/b.ts → src/a/index.ts → src/a/b.ts",
      "src/e/a.ts: imports itself: src/e/a.ts → src/e/b.ts → src/e/a.ts",
      "test/one.ts: imports itself: test/one.ts → test/two.ts → test/one.ts",
      "src/a: imports itself: src/a → src/c → src/a",
    ]);
  });

  it("finds none where two ways lead to one file", () => {
    const graph = new Map([
      ["a", new Set(["b", "c"])],
      ["b", new Set(["d"])],
      ["c", new Set(["d"])],
    ]);
    expect(findCycles(graph)).toEqual([]);
  });
});

describe("checkPureFolders", () => {
  const check = (text: string) =>
    checkPureFolders(plantedRepository({ "src/tar/x.ts": text }), LAYERS).map(formatFinding);

  it.each([
    [
      "const a = 1;\nDate.now();",
      "src/tar/x.ts:2: a pure folder uses no Date: take it as an argument",
    ],
    ["Math.random()", "src/tar/x.ts:1: a pure folder uses no Math.random: take it as an argument"],
    [
      "x = `${process.pid}`",
      "src/tar/x.ts:1: a pure folder uses no process: take it as an argument",
    ],
    ["Buffer.from(a)", "src/tar/x.ts:1: a pure folder uses no Buffer: take it as an argument"],
    [
      "a.toLocaleString()",
      "src/tar/x.ts:1: a pure folder uses no .toLocaleString: take it as an argument",
    ],
  ])("finds %j", (text, finding) => {
    expect(check(text)).toEqual([finding]);
  });

  it.each([
    "// Date of the archive",
    'const text = "process";',
    "this.process.exit(); member.Date;",
    "const x = { process: 1, Date: 2 };",
    "function f(process: Process) { return process.id; }",
    'import { process } from "./process.ts"; process.start();',
    "const crypto = 1; f(crypto);",
    "globalThisIsFine();",
  ])("accepts %j", (text) => {
    expect(check(text)).toEqual([]);
  });

  it("leaves other folders and tests alone", () => {
    const texts = { "src/zerovm/x.ts": "Date.now()", "src/tar/x.test.ts": "Date.now()" };
    expect(checkPureFolders(plantedRepository(texts), LAYERS)).toEqual([]);
  });
});

describe("checkApart", () => {
  it("names the way to a package, however far away that is loaded", () => {
    expect(checkApart(LAYERS, "zerovm", "koffi").map(formatFinding)).toEqual([
      "src/zerovm: src/zerovm → src/zerovm/cell may load the package koffi",
    ]);
    expect(checkApart(LAYERS, "tar", "koffi")).toEqual([]);
  });
});
