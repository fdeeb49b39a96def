import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Observation } from "../../test/fuzz/observe.ts";
import type { NodeVersion } from "../matrix/node-versions.ts";

/** A version of Node in one of its tiers. */
export interface FuzzEngine {
  readonly name: string;
  readonly binary: string;
  readonly flags: readonly string[];
}

/** What an engine made of one module; `failed` says why it made nothing of it. */
export type Answer = Observation | { readonly failed: string };

const TIERS: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ["quick", ["--liftoff-only"]],
  ["optimised", ["--no-liftoff"]],
];

/** A batch that takes longer hangs. */
const TIMEOUT_MS = 300_000;

export function enginesOf(versions: readonly NodeVersion[]): FuzzEngine[] {
  return versions.flatMap(({ version, binary }) => {
    return TIERS.map(([tier, flags]) => ({ name: `Node ${version}, ${tier}`, binary, flags }));
  });
}

/** Runs the modules of a file; where the engine dies, what follows was not run. */
export async function runIn(
  { binary, flags }: FuzzEngine,
  runner: string,
  batch: string,
  count: number,
): Promise<Answer[]> {
  const child = spawn(binary, [...flags, runner, batch], { stdio: ["ignore", "pipe", "ignore"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
  const answers: Answer[] = [];
  const ended = endOf(child);
  for await (const line of createInterface({ input: child.stdout })) {
    answers.push(JSON.parse(line) as Answer);
  }
  const how = await ended;
  clearTimeout(timer);
  const [first, ...others] = Array.from({ length: count - answers.length }, (_, index): Answer => {
    return index === 0 ? { failed: `the engine ended with ${how}` } : { skipped: "not run" };
  });
  return first === undefined ? answers : [...answers, first, ...others];
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (status, signal) => resolve(signal ?? `status ${status}`));
  });
}
