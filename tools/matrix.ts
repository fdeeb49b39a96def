/**
 * The version matrix: every check of `test/matrix` runs under several versions of Node, and in
 * each with other time zones, languages, working directories, home folders and users. A check is
 * a program `test/matrix/NAME.mjs` that prints one line of JSON; all its lines must be the same.
 *
 * `NAME…` as arguments chooses checks.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { findVersions, type NodeVersion } from "./matrix/node-versions.ts";
import { type Answer, runCheck } from "./matrix/run-check.ts";
import { makeVariations, type Variations } from "./matrix/variations.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

const MAJORS = [24, 26];
const FOLDER = "test/matrix";

export async function main(args: readonly string[]): Promise<number> {
  const names = listChecks(args);
  const versions = findVersions(MAJORS);
  const variations = makeVariations();
  try {
    for (const note of variations.leftOut) console.log(`left out: ${note}`);
    return report(runAll(names, versions, variations));
  } finally {
    variations.dispose();
  }
}

/** @throws Error when there is nothing to run: a matrix without checks proves nothing */
function listChecks(chosen: readonly string[]): string[] {
  const all = readdirSync(FOLDER).filter((name) => name.endsWith(".mjs"));
  const names = all.map((name) => name.slice(0, -".mjs".length)).sort();
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no ${FOLDER}/${unknown}.mjs`);
  if (names.length === 0) throw new Error(`There are no checks in ${FOLDER}`);
  return chosen.length === 0 ? names : names.filter((name) => chosen.includes(name));
}

function runAll(
  names: readonly string[],
  versions: readonly NodeVersion[],
  variations: Variations,
): Answer[] {
  return names.flatMap((name) => {
    const file = join(process.cwd(), FOLDER, `${name}.mjs`);
    const answers = versions.flatMap((version) =>
      variations.all.map((variation) => runCheck(name, file, version, variation)),
    );
    console.log(`${name}: ${answers.length} runs`);
    return answers;
  });
}

/** Compares every answer with the first one of its check, and prints what differs. */
function report(answers: readonly Answer[]): number {
  const failures = answers.flatMap((answer) => {
    const first = answers.find((other) => other.check === answer.check);
    const reason = answer.failure ?? differenceFrom(first, answer);
    return reason === undefined ? [] : [`${answer.check} on ${answer.where}: ${reason}`];
  });
  for (const failure of failures) console.log(failure);
  const failed = failures.length;
  console.log(formatCounts({ passed: answers.length - failed, failed, skipped: 0 }));
  return failed === 0 ? 0 : 1;
}

function differenceFrom(first: Answer | undefined, answer: Answer): string | undefined {
  if (first === undefined || first.failure !== undefined) return "there is nothing to compare with";
  if (first.line === answer.line) return undefined;
  return `differs\n  ${answer.line}\n  ${first.line}  (${first.where})`;
}
