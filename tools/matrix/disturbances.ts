import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { join } from "node:path";
import { STRANGER, whyNotStranger } from "./variations.ts";

/** How one run of all programs is started, and what goes on beside it. */
export interface Launch {
  /** What runs Node in its place. */
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly user?: number;
  /** Cells come from a pool. */
  readonly isPooled: boolean;
  /** Programs start from the last to the first, two at a time. */
  readonly isReversed: boolean;
  /** Programs of Node that run meanwhile, as text. */
  readonly company: readonly string[];
}

/** Something that must make no difference. */
export interface Disturbance {
  readonly name: string;
  /** Why this machine cannot have it, where it cannot. */
  whyNot?(): string | undefined;
  apply(launch: Launch): Launch;
}

/** Less than half of what a shell has, and enough for Node and its cells. */
const STACK_KIB = 3072;
const MEMORY_MAX = 2 ** 31;

export const DISTURBANCES: readonly Disturbance[] = [
  { name: "time zone", apply: (it) => withEnv(it, { TZ: "Asia/Kathmandu" }) },
  {
    name: "locale",
    apply: (it) => withEnv(it, { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", LANGUAGE: "tr" }),
  },
  {
    name: "user",
    whyNot: () => whyNotStranger(process.cwd()),
    apply: (it) => ({ ...it, user: STRANGER }),
  },
  { name: "directory", apply: (it) => ({ ...it, workingDirectory: elsewhere(it) }) },
  { name: "environment", apply: (it) => withEnv(it, crowd()) },
  {
    name: "stack limit",
    apply: (it) => before(it, "sh", "-c", `ulimit -s ${STACK_KIB}; exec "$@"`, "sh"),
  },
  {
    name: "address randomisation",
    whyNot: () => whyNotRun("setarch", "-R"),
    apply: (it) => before(it, "setarch", "-R"),
  },
  {
    name: "cores",
    whyNot: () => whyNotRun("taskset", "-c", "0"),
    apply: (it) => before(it, "taskset", "-c", "0"),
  },
  {
    name: "load",
    apply: (it) =>
      withCompany(
        it,
        Array.from({ length: availableParallelism() }, () => BUSY),
      ),
  },
  {
    name: "memory pressure",
    apply: (it) => withCompany(it, [holding(Math.min(MEMORY_MAX, Math.floor(freemem() / 4)))]),
  },
  { name: "order of starts", apply: (it) => ({ ...it, isReversed: true }) },
  { name: "pool", apply: (it) => ({ ...it, isPooled: true }) },
];

/** A run that nothing disturbs, with a home of its own in `folder`. */
export function plainLaunch(folder: string): Launch {
  mkdirSync(folder);
  // Whoever it is that runs.
  chmodSync(folder, 0o777);
  const path = process.env["PATH"] ?? "/usr/bin:/bin";
  const env = { PATH: path, TZ: "UTC", LANG: "C", LC_ALL: "C", HOME: folder, TMPDIR: folder };
  const rest = { prefix: [], isPooled: false, isReversed: false, company: [] };
  return { env, workingDirectory: process.cwd(), ...rest };
}

function withEnv(launch: Launch, env: Readonly<Record<string, string>>): Launch {
  return { ...launch, env: { ...launch.env, ...env } };
}

function withCompany(launch: Launch, company: readonly string[]): Launch {
  return { ...launch, company: [...launch.company, ...company] };
}

function before(launch: Launch, ...words: readonly string[]): Launch {
  return { ...launch, prefix: [...launch.prefix, ...words] };
}

function elsewhere({ env }: Launch): string {
  const folder = join(env["HOME"] ?? "/", "an other place");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Many variables, some of which mean something to Node or the C library. */
function crowd(): Record<string, string> {
  const many = Array.from({ length: 300 }, (_, index) => [`NAME_${index}`, "x".repeat(index)]);
  return {
    ...Object.fromEntries(many),
    NODE_OPTIONS: "--stack-trace-limit=3",
    UV_THREADPOOL_SIZE: "1",
    MALLOC_ARENA_MAX: "1",
    PYTHONHASHSEED: "1",
  };
}

const BUSY = "for (;;);";

/** Holds memory, and looks at all of it again and again. */
function holding(sizeBytes: number): string {
  return `const held = Buffer.alloc(${sizeBytes}, 1);
    setInterval(() => { for (let at = 0; at < held.length; at += 4096) held[at] += 1; }, 100);`;
}

function whyNotRun(...words: readonly string[]): string | undefined {
  const [program = "", ...rest] = words;
  const run = spawnSync(program, [...rest, "true"], { encoding: "utf8" });
  if (run.status === 0) return undefined;
  return `${program}: ${run.error?.message ?? run.stderr.trim()}`;
}
