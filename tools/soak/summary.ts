import type { Memory } from "./leftovers.ts";
import type { Failure, SoakResult } from "./soak.ts";

interface Row {
  readonly kind: string;
  readonly pool: number;
  readonly cold: number;
  readonly none: number;
  readonly failed: number;
}

/** What a soak came to; plain data. */
export interface Summary {
  readonly node: string;
  readonly seed: number;
  readonly sessions: number;
  readonly asked: number;
  readonly seconds: number;
  readonly rows: readonly Row[];
  /** What was left of it all, or grew. */
  readonly leaks: readonly string[];
  readonly failures: readonly Failure[];
  readonly memory: readonly Memory[];
  readonly passed: number;
  readonly failed: number;
}

/** What may grow behind the first look, in bytes: less than 40 for each of 100 000 sessions. */
const HEAP_GROWTH_MAX = 4 * 2 ** 20;
/** The allocator of the system keeps what it once had. */
const RESIDENT_GROWTH_MAX = 64 * 2 ** 20;

const CHECKS = ["processes", "descriptors", "event loop", "files", "heap", "resident"] as const;

export function summaryOf(result: SoakResult): Summary {
  const { options, failures, memory, seconds, counts } = result;
  const rows = result.kinds.map(({ name }) => {
    const count = (mode: string) => counts.get(`${name}/${mode}`) ?? 0;
    const failed = failures.filter(({ kind }) => kind === name).length;
    return { kind: name, pool: count("pool"), cold: count("cold"), none: count("none"), failed };
  });
  const sessions = rows.reduce((sum, { pool, cold, none }) => sum + pool + cold + none, 0);
  const leaks = leaksOf(result);
  const failed = failures.length + leaks.length;
  return {
    node: process.version,
    seed: options.seed,
    sessions,
    asked: options.sessions,
    seconds,
    rows,
    leaks,
    failures,
    memory,
    passed: sessions + CHECKS.length - failed,
    failed,
  };
}

/** One line for each of the checks that does not hold. */
function leaksOf({ before, after, files, memory }: SoakResult): string[] {
  const leaks: string[] = [];
  if (after.processes.length > before.processes.length) {
    leaks.push(`processes are left: ${after.processes.join(", ")}`);
  }
  if (after.descriptors.length > before.descriptors.length) {
    leaks.push(`descriptors are left: ${after.descriptors.join(", ")}`);
  }
  if (after.resources > before.resources) {
    leaks.push(
      `the event loop has ${after.resources} things to wait for, ${before.resources} before`,
    );
  }
  if (files.length > 0) leaks.push(`files are left: ${files.slice(0, 20).join(", ")}`);
  const grown = (name: "heapBytes" | "residentBytes", limit: number): void => {
    const bytes = growthOf(memory, name);
    if (bytes > limit) leaks.push(`${name} grew by ${bytes}, more than ${limit}`);
  };
  grown("heapBytes", HEAP_GROWTH_MAX);
  grown("residentBytes", RESIDENT_GROWTH_MAX);
  return leaks;
}

/** From the first look at the memory, when all was used once, to the last. */
function growthOf(memory: readonly Memory[], name: "heapBytes" | "residentBytes"): number {
  return (memory.at(-1)?.[name] ?? 0) - (memory[0]?.[name] ?? 0);
}

const NAME_WIDTH = 32;
const NUMBER_WIDTH = 8;

/** The summary as a table for people. */
export function formatSummary(summary: Summary): string {
  const { rows, sessions, asked, seconds, node, seed, memory } = summary;
  const total = { kind: "in all", ...sums(rows) };
  const rate = (sessions / seconds).toFixed(1);
  const heap = (growthOf(memory, "heapBytes") / 2 ** 20).toFixed(1);
  const resident = (growthOf(memory, "residentBytes") / 2 ** 20).toFixed(1);
  return [
    `Node ${node}, seed ${seed}`,
    line(["session", "pool", "cold", "none", "failed"]),
    ...[...rows, total].map(({ kind, pool, cold, none, failed }) =>
      line([kind, pool, cold, none, failed]),
    ),
    `${sessions} of ${asked} sessions in ${seconds.toFixed(0)} s, ${rate} a second`,
    `since session ${memory[0]?.sessions ?? 0}: heap ${heap} MB, resident ${resident} MB more`,
    ...(summary.leaks.length === 0 ? ["nothing is left"] : summary.leaks),
  ].join("\n");
}

function line([name, ...numbers]: readonly (string | number)[]): string {
  const columns = numbers.map((number) => String(number).padStart(NUMBER_WIDTH));
  return `${String(name).padEnd(NAME_WIDTH)}${columns.join("")}`;
}

function sums(rows: readonly Row[]): Omit<Row, "kind"> {
  const sum = (name: keyof Omit<Row, "kind">) => rows.reduce((all, row) => all + row[name], 0);
  return { pool: sum("pool"), cold: sum("cold"), none: sum("none"), failed: sum("failed") };
}
