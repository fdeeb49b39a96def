import { type Finding, lineOf } from "./finding.ts";
import type { Repository } from "./repository.ts";
import { maskSource } from "./source-text.ts";

/** Written in two halves, so that the rule does not find itself. */
const OPEN_ENDS = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`, "g");

/** Work that is left is done or said in an issue, not left lying in a file. */
export function checkOpenEnds(repository: Repository): Finding[] {
  return repository.matching(/^/).flatMap(({ path, text }) =>
    [...text.matchAll(OPEN_ENDS)].map((match) => ({
      path,
      line: lineOf(text, match.index),
      message: `${match[0]}: finish it now`,
    })),
  );
}

const CHOSEN = /\b(?:it|test|describe)(?:\.\w+)*\.(only|skip|skipIf|runIf|todo|fails)\b/g;

/** A test that does not run says why, in a comment on its line or the one before. */
export function checkSkippedTests(repository: Repository): Finding[] {
  return repository.matching(/\.test\.ts$/).flatMap(({ path, text }) => {
    const lines = text.split("\n");
    return [...maskSource(text).matchAll(CHOSEN)].flatMap((match) => {
      const line = lineOf(text, match.index);
      const reason = /\/\/ \w|\*\/\s*$/.test(`${lines[line - 2] ?? ""}\n${lines[line - 1] ?? ""}`);
      if (match[1] === "only") return [{ path, line, message: "runs only this test: take it out" }];
      return reason ? [] : [{ path, line, message: `.${match[1]} needs a comment that says why` }];
    });
  });
}

/** Homes of users, and folders that exist on one machine only. Guests have paths too: not these. */
const MACHINE_PATHS =
  /(?<=^|[\s"'`(=:[<])\/(?:home\/\w|Users\/\w|root\/|work\/|work\b(?=[\s"'`]))/gm;
const TEMPORARY_PATHS = /(?<=^|[\s"'`(=:[<])\/(?:tmp|var\/tmp|var\/folders)\b/gm;

/** Nothing in the repository is true on one machine only. */
export function checkMachinePaths(repository: Repository): Finding[] {
  const find = (files: RegExp, paths: RegExp) =>
    repository.matching(files).flatMap(({ path, text }) =>
      [...text.matchAll(paths)].map((match) => ({
        path,
        line: lineOf(text, match.index),
        message: `names a path of one machine, ${match[0]}`,
      })),
    );
  return [...find(/^/, MACHINE_PATHS), ...find(/\.md$/, TEMPORARY_PATHS)];
}

const REGISTRIES = new RegExp(
  ["registry\\.npm" + "js", "registry\\.yarn" + "pkg", "npm\\.pkg\\.git" + "hub"].join("|"),
  "g",
);

/** Packages come from wherever npm is told to get them: no file names a host for them. */
export function checkRegistries(repository: Repository): Finding[] {
  return repository.matching(/^/).flatMap(({ path, text }) => {
    const lock = path.endsWith("package-lock.json") ? [...text.matchAll(/"resolved": "\w+:/g)] : [];
    return [...text.matchAll(REGISTRIES), ...lock].map((match) => ({
      path,
      line: lineOf(text, match.index),
      message: "names the address of a package: take it out",
    }));
  });
}
