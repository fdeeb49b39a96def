/** The rules of the repository, as tests: each fails with the places that break it. */
import { expect, it } from "vitest";
import { ERROR_TABLE, LIMIT_TABLE } from "../../src/base/index.ts";
import { generatedDocuments } from "../generate-docs.ts";
import { checkApart } from "./apart.ts";
import { checkCycles } from "./cycles.ts";
import { checkChangelog, checkDocuments, checkReachable } from "./documents.ts";
import { checkFilterLines, checkPython } from "./filters.ts";
import { type Finding, formatFinding } from "./finding.ts";
import { checkImportLaw } from "./import-law.ts";
import { LAYERS } from "./layers.ts";
import { checkPureFolders } from "./pure-folders.ts";
import { LONG_FILES } from "./ratchet.ts";
import { readRepository } from "./repository.ts";
import { checkContents, checkFileLengths, checkLineLengths } from "./sizes.ts";
import {
  checkDependencies,
  checkErrorCodes,
  checkGenerated,
  checkLimits,
  checkLock,
} from "./tables.ts";
import { checkMachinePaths, checkOpenEnds, checkRegistries, checkSkippedTests } from "./words.ts";

const repository = readRepository(process.cwd());

/** Serves jobs also inside a cluster, whose store is the one that counts. */
const SERVES_JOBS = "zerocloud/apps";

const RULES: readonly [string, () => Finding[]][] = [
  ["folders import what the table allows", () => checkImportLaw(repository, LAYERS)],
  ["nothing imports itself by a detour", () => checkCycles(repository, LAYERS)],
  ["jobs are served without a store of our own", () => checkApart(LAYERS, SERVES_JOBS, "lmdb")],
  ["pure folders only compute", () => checkPureFolders(repository, LAYERS)],
  ["files of code are short", () => checkFileLengths(repository, LONG_FILES)],
  ["lines of code are short", () => checkLineLengths(repository)],
  ["the filters in Swift are thin", () => checkFilterLines(repository)],
  ["code in Python is short", () => checkPython(repository)],
  ["git holds texts of moderate size", () => checkContents(repository)],
  ["no open ends lie about", () => checkOpenEnds(repository)],
  ["tests that do not run say why", () => checkSkippedTests(repository)],
  ["documents have one title, and links that lead somewhere", () => checkDocuments(repository)],
  ["every page of docs can be reached", () => checkReachable(repository)],
  ["the changelog keeps its form", () => checkChangelog(repository)],
  ["no path of one machine is named", () => checkMachinePaths(repository)],
  ["no address of a package is named", () => checkRegistries(repository)],
  ["the lock file is whole", () => checkLock(repository)],
  ["generated documents are of today", () => checkGenerated(repository, generatedDocuments())],
  ["every dependency has its reason", () => checkDependencies(repository)],
  ["every error code is used", () => checkErrorCodes(repository, Object.keys(ERROR_TABLE))],
  ["every limit is described and kept", () => checkLimits(repository, Object.keys(LIMIT_TABLE))],
];

it.each(RULES)("%s", (_rule, check) => {
  expect(check().map(formatFinding)).toEqual([]);
});
