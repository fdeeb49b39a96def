import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Arranged } from "./arrangement.ts";
import { type Disturbance, type Launch, plainLaunch } from "./disturbances.ts";
import type { NodeVersion } from "./node-versions.ts";
import { type Answer, spoken } from "./run-check.ts";
import { workThrough } from "./together.ts";

type Run = Arranged<NodeVersion, Disturbance>;

/** An answer, and how long it took. */
export interface TimedAnswer extends Answer {
  readonly seconds: number;
}

/** The check that runs every example and program. */
export const PROGRAMS_CHECK = "programs";

const SCRIPT = resolve("test", "support", "matrix-programs.mjs");
const TIMEOUT_MS = 900_000;

/** Runs all that was arranged, so many at a time. @returns the answers in the order of the runs */
export async function runDisturbed(
  runs: readonly Run[],
  together: number,
  onAnswer: (answer: TimedAnswer) => void,
): Promise<TimedAnswer[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "disturbed-")));
  chmodSync(folder, 0o755);
  try {
    return await workThrough(runs, together, async (run, index) => {
      const answer = await runOne(run, join(folder, String(index)));
      onAnswer(answer);
      return answer;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOne(run: Run, folder: string): Promise<TimedAnswer> {
  const startMs = performance.now();
  const launch = run.disturbances.reduce((it, { apply }) => apply(it), plainLaunch(folder));
  const company = launch.company.map((text) =>
    spawn(process.execPath, ["-e", text], { stdio: "ignore" }),
  );
  try {
    const ended = await spoken(start(run, launch));
    const names = run.disturbances.map(({ name }) => name).join(", ");
    const where = `Node ${run.version.version}, ${run.tier}: ${names === "" ? "plain" : names}`;
    const seconds = (performance.now() - startMs) / 1000;
    return { check: PROGRAMS_CHECK, where, seconds, ...ended };
  } finally {
    for (const process of company) process.kill("SIGKILL");
  }
}

function start({ version, tier }: Run, launch: Launch): ChildProcess {
  const { prefix, isPooled, isReversed, env, workingDirectory: cwd, user } = launch;
  const settings = JSON.stringify({ tier, isPooled, isReversed });
  const [program = "", ...words] = [...prefix, version.binary, SCRIPT, settings];
  return spawn(program, words, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    ...(user !== undefined && { uid: user, gid: user }),
  });
}
