import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { type Ended, ROOT, runNode, tracedJob, tracedRun, zerovm } from "./command-line.ts";

/** What `example.json` holds; `examples/README.md` says what the fields mean. */
export interface Example {
  readonly title: string;
  readonly shows: string;
  readonly steps: readonly Step[];
  readonly makes?: readonly string[];
}

export interface Step {
  readonly command: readonly string[];
  readonly stdin?: string;
  readonly stdout?: readonly string[];
  readonly status?: number;
}

export interface StepResult extends Ended {
  /** Of steps that run a session, or a job: then of all its nodes. */
  readonly traceHash?: string;
}

const EXAMPLES = join(ROOT, "examples");
const TOOLS = join(ROOT, "tools", "run.mjs");
const COMPILER = join(ROOT, "node_modules", "assemblyscript", "bin", "asc.js");
/** The time that every file of a copy has: sessions see the times of folders. */
const FILE_SECONDS = 1_700_000_000;

export function exampleNames(): string[] {
  const entries = readdirSync(EXAMPLES, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return names.filter((name) => existsSync(join(EXAMPLES, name, "example.json")));
}

export function readExample(name: string): Example {
  return JSON.parse(readFileSync(join(EXAMPLES, name, "example.json"), "utf8")) as Example;
}

export function exampleReadme(name: string): string {
  return readFileSync(join(EXAMPLES, name, "README.md"), "utf8");
}

/**
 * Copies an example to where packages, and what examples share, lie as in the repository.
 * @returns its folder.
 */
export function copyExample(name: string, folder: string): string {
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const copy = join(folder, "examples", name);
  cpSync(join(EXAMPLES, "assembly"), join(folder, "examples", "assembly"), { recursive: true });
  cpSync(join(EXAMPLES, name), copy, { recursive: true });
  for (const entry of ["", ...readdirSync(copy, { recursive: true, encoding: "utf8" })]) {
    utimesSync(join(copy, entry), FILE_SECONDS, FILE_SECONDS);
  }
  return copy;
}

export async function runStep(step: Step, cwd: string): Promise<StepResult> {
  const [program, ...args] = step.command;
  const input = step.stdin === undefined ? "" : readFileSync(join(cwd, step.stdin));
  const options = { cwd, input };
  if (program === "asc") return await runNode([COMPILER, ...args], options);
  if (program === "assemble") return await runNode([TOOLS, "assemble", ...args], options);
  if (program === "cat") return { status: 0, stdout: contentsOf(args, cwd), stderr: "" };
  if (program !== "zerovm") throw new Error(`No example runs ${program}`);
  if (args[0] === "run") return await tracedRun(args.slice(1), options);
  if (isJobRun(step)) return await tracedJob(args.slice(2), options);
  return await zerovm(args, options);
}

/** Whether a step is `zerovm job run`. */
export function isJobRun({ command }: Step): boolean {
  return command.slice(0, 3).join(" ") === "zerovm job run";
}

function contentsOf(paths: readonly string[], folder: string): string {
  return paths.map((path) => readFileSync(join(folder, path), "utf8")).join("");
}
