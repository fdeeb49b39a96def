/**
 * The version matrix: every check of `test/matrix` runs under several versions of Node, and in
 * each with other time zones, languages, working directories, home folders and users. A check is
 * a program `test/matrix/NAME.mjs` that prints one line of JSON; all its lines must be the same.
 * The check `programs` runs every example and real program in both tiers of the engine, under
 * everything that `DISTURBANCES` lists.
 *
 * `NAME…` as arguments chooses checks; `--all` has every disturbance alone, which takes hours.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { covering, product } from "./matrix/arrangement.ts";
import { DISTURBANCES } from "./matrix/disturbances.ts";
import { findVersions, type NodeVersion } from "./matrix/node-versions.ts";
import { type Answer, runCheck } from "./matrix/run-check.ts";
import { PROGRAMS_CHECK, runDisturbed, type TimedAnswer } from "./matrix/run-disturbed.ts";
import { workThrough } from "./matrix/together.ts";
import { makeVariations, type Variations } from "./matrix/variations.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

const MAJORS = [24, 26];
const FOLDER = "test/matrix";

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { all: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const names = listChecks(positionals);
  const versions = findVersions(MAJORS);
  const variations = makeVariations();
  try {
    for (const note of variations.leftOut) console.log(`left out: ${note}`);
    const checked = await runAll(names, versions, variations);
    return report([...checked, ...(await runPrograms(names, versions, values.all))]);
  } finally {
    variations.dispose();
  }
}

/** @throws Error when there is nothing to run: a matrix without checks proves nothing */
function listChecks(chosen: readonly string[]): string[] {
  const all = readdirSync(FOLDER).filter((name) => name.endsWith(".mjs"));
  const files = all.map((name) => name.slice(0, -".mjs".length)).sort();
  const names = [...files, PROGRAMS_CHECK];
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no ${FOLDER}/${unknown}.mjs`);
  if (files.length === 0) throw new Error(`There are no checks in ${FOLDER}`);
  return chosen.length === 0 ? names : names.filter((name) => chosen.includes(name));
}

async function runAll(
  names: readonly string[],
  versions: readonly NodeVersion[],
  variations: Variations,
): Promise<Answer[]> {
  const files = names.filter((name) => name !== PROGRAMS_CHECK);
  const runs = files.flatMap((name) =>
    versions.flatMap((version) =>
      variations.all.map((variation) => ({ name, version, variation })),
    ),
  );
  console.log(`${files.join(", ")}: ${runs.length} runs`);
  return await workThrough(runs, TOGETHER, ({ name, version, variation }) =>
    runCheck(name, join(process.cwd(), FOLDER, `${name}.mjs`), version, variation),
  );
}

/** Two at a time: most of a session is one processor's. */
const TOGETHER = 2;

/** Every example and program under what must make no difference, and a line for each run. */
async function runPrograms(
  names: readonly string[],
  versions: readonly NodeVersion[],
  isAll: boolean,
): Promise<Answer[]> {
  if (!names.includes(PROGRAMS_CHECK)) return [];
  const possible = DISTURBANCES.filter(({ name, whyNot }) => {
    const why = whyNot?.();
    if (why !== undefined) console.log(`left out: the disturbance ${name} (${why})`);
    return why === undefined;
  });
  const runs = (isAll ? product : covering)(versions, possible);
  console.log(`${PROGRAMS_CHECK}: ${runs.length} runs`);
  let first: TimedAnswer | undefined;
  return await runDisturbed(runs, TOGETHER, (answer) => {
    first ??= answer;
    const verdict = answer.failure === undefined && answer.line === first.line ? "same" : "FAILED";
    const sessions = answer.failure === undefined ? Object.keys(JSON.parse(answer.line)).length : 0;
    const seconds = answer.seconds.toFixed(0).padStart(4);
    console.log(`  ${verdict.padEnd(6)} ${sessions} sessions ${seconds} s  ${answer.where}`);
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
