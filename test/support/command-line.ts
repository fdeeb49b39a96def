import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The root of the repository. */
export const ROOT = resolve(import.meta.dirname, "../..");
export const ZEROVM = join(ROOT, "bin", "zerovm.js");

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  /** Standard input; empty unless given. */
  readonly input?: string | Uint8Array;
}

/** Runs a program of Node to its end. */
export function runNode(args: readonly string[], options: CommandOptions): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd: options.cwd });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", failed);
    child.on("close", (status) => {
      const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();
      done({ status, stdout: text(stdout), stderr: text(stderr) });
    });
    // A program may end without reading all of its input.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** Runs the built command line. */
export function zerovm(args: readonly string[], options: CommandOptions): Promise<Ended> {
  return runNode([ZEROVM, ...args], options);
}

/** Runs what must succeed. @returns its standard output. */
export async function zerovmOutput(
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const { status, stdout, stderr } = await zerovm(args, options);
  if (status === 0) return stdout;
  throw new Error(`zerovm ${args.join(" ")}\nended with status ${status}\n${stderr}${stdout}`);
}

export interface Traced extends Ended {
  /** What the report says of all that crossed the wall of the sandbox; of a job, a line a node. */
  readonly traceHash: string;
}

/** `zerovm run` with a report beside the output. `args` are those after `run`. */
export async function tracedRun(args: readonly string[], options: CommandOptions): Promise<Traced> {
  const file = join(options.cwd, "session.report");
  const ended = await zerovm(["run", "--report-file", file, ...args], options);
  const report: unknown = JSON.parse(readFileSync(file, "utf8"));
  return { ...ended, traceHash: traceHashOf(report) };
}

/** `zerovm job run` in the same way; `args` are those after `job run`. */
export async function tracedJob(args: readonly string[], options: CommandOptions): Promise<Traced> {
  const file = join(options.cwd, "job.report");
  const further = ["--timeout", String(JOB_SECONDS), "--report-file", file];
  const ended = await zerovm(["job", "run", ...further, ...args], options);
  const { instances } = JSON.parse(readFileSync(file, "utf8")) as { instances: JobInstance[] };
  const hashes = instances.map(
    ({ name, report }) => `${name} ${report === undefined ? "" : traceHashOf(report)}`,
  );
  return { ...ended, traceHash: hashes.join("\n") };
}

/** Wall time of a node: a busy machine takes longer than users would wait. */
const JOB_SECONDS = 90;

interface JobInstance {
  readonly name: string;
  /** Missing where its session failed, of which the status tells. */
  readonly report?: unknown;
}

function traceHashOf(report: unknown): string {
  const hash = (report as { readonly traceHash?: unknown }).traceHash;
  if (typeof hash !== "string") throw new Error("The report has no trace hash");
  return hash;
}
