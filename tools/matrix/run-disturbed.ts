import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Arranged } from "./arrangement.ts";
import { type Disturbance, type Launch, plainLaunch } from "./disturbances.ts";
import type { NodeVersion } from "./node-versions.ts";
import { type Answer, whyNoLine } from "./run-check.ts";

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
  const answers: TimedAnswer[] = [];
  const rest = [...runs.entries()];
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [index, run] = next;
      const answer = await runOne(run, join(folder, String(index)));
      answers[index] = answer;
      onAnswer(answer);
    }
  };
  try {
    await Promise.all(Array.from({ length: together }, work));
    return answers;
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

/** What a run said on its one line, or why it said nothing. */
async function spoken(child: ChildProcess): Promise<Pick<Answer, "line" | "failure">> {
  const [out, errors]: Buffer[][] = [[], []];
  child.stdout?.on("data", (chunk: Buffer) => out?.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => errors?.push(chunk));
  const ended = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (status, signal) => resolve(signal ?? `status ${status}`));
  });
  const text = (chunks: readonly Buffer[] = []) => Buffer.concat(chunks).toString().trimEnd();
  if (ended !== "status 0") return { line: "", failure: `ended with ${ended}\n${text(errors)}` };
  const line = text(out);
  const failure = whyNoLine(line);
  return failure === undefined ? { line } : { line, failure };
}
