import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";
import { ROOT } from "../support/command-line.ts";
import type { Attack } from "./attack.ts";
import type { Job, JobEnd } from "./host.ts";

/** Whose cells are attacked. */
export interface User {
  readonly name: string;
  /** None: whoever runs the tests. */
  readonly id?: number;
}

/** A user without rights, who may still read and run what everybody may. */
const STRANGER = 65_534;

/** Native code is of this machine; cells are of Linux. */
export const CAN_ATTACK = process.platform === "linux" && process.arch === "x64";

/** The Node that hosts and cells run on; the long run tries several. */
export const NODE = process.env["ZEROVM_ATTACK_NODE"] ?? process.execPath;

/** Root's cells are other than those of ordinary people: root tries both. */
export const USERS: readonly User[] = [
  { name: process.getuid?.() === 0 ? "root" : "an ordinary user" },
  ...(mayBeStranger() ? [{ name: "a user without rights", id: STRANGER }] : []),
];

function mayBeStranger(): boolean {
  if (!CAN_ATTACK || process.getuid?.() !== 0) return false;
  const script = `require("node:fs").readFileSync(${JSON.stringify(join(ROOT, "package.json"))})`;
  const run = spawnSync(NODE, ["-e", script], { uid: STRANGER, gid: STRANGER, cwd: "/" });
  return run.status === 0;
}

/** The programs of host and cell, bundled for the tests of one file. */
export interface Programs {
  readonly host: string;
  readonly inside: string;
  readonly oldKernel: string;
}

/** Bundles the programs before the tests of a file, and removes them after. */
export function attackPrograms(): () => Programs {
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "zerovm-attack-"));
    chmodSync(folder, 0o755);
    const here = JSON.stringify(join(ROOT, "dist"));
    await build({
      entryPoints: ["host", "inside", "old-kernel"].map((name) =>
        join(import.meta.dirname, `${name}.ts`),
      ),
      outdir: folder,
      outExtension: { ".js": ".cjs" },
      bundle: true,
      platform: "node",
      target: "node20.19",
      format: "cjs",
      external: ["koffi"],
      // Packages are found from where the built cell finds them.
      define: { "import.meta.dirname": here, "import.meta.filename": here },
      logLevel: "warning",
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => ({
    host: join(folder, "host.cjs"),
    inside: join(folder, "inside.cjs"),
    oldKernel: join(folder, "old-kernel.cjs"),
  });
}

/** Starts a host that takes its jobs from its standard input. */
export function startHost({ host }: Programs, user: User, jobs: readonly Job[]) {
  const as = user.id === undefined ? {} : { uid: user.id, gid: user.id };
  const child = spawn(NODE, [host], { cwd: "/", stdio: ["pipe", "pipe", "inherit"], ...as });
  child.stdin.end(JSON.stringify(jobs));
  return child;
}

/** Runs jobs to their ends. */
export async function runJobs(
  programs: Programs,
  user: User,
  jobs: readonly Omit<Job, "program">[],
): Promise<JobEnd[]> {
  const whole = jobs.map((job) => ({ ...job, program: programs.inside }));
  const child = startHost(programs, user, whole);
  let text = "";
  child.stdout.on("data", (bytes: Buffer) => {
    text += bytes.toString();
  });
  await new Promise((done) => child.on("close", done));
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as JobEnd);
}

/** What became of each attack of a job, the one that ended the cell included. */
export function answersOf(names: readonly string[], end: JobEnd): Map<string, string> {
  const answers = new Map(end.told.map(({ name, answer }) => [name, answer]));
  const ending = names.find((name) => !answers.has(name));
  if (ending !== undefined) answers.set(ending, endingOf(end));
  return answers;
}

const SIGSYS = 31;
const SIGSEGV = 11;

function endingOf({ signal, status, lastWords }: JobEnd): string {
  if (signal === SIGSYS) return "killed";
  if (signal === SIGSEGV) return "faulted";
  return `ended with ${signal ?? status}: ${lastWords}`;
}

/** The names of attacks. */
export function namesOf(attacks: readonly Attack[]): string[] {
  return attacks.map(({ name }) => name);
}
