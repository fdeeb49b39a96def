/**
 * `npm run test:toolchain`: C programs compiled to nexe files at several levels of optimisation,
 * judged under both policies, translated and run: they print what the same C does as a process of
 * this machine, and end as it does. Needs gcc; names of programs choose among them.
 */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { findingsOf, sessionDifference, translatedDifference } from "./toolchain/check.ts";
import { hasGcc, Workshop } from "./toolchain/compiled.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

const PROGRAMS = join("test", "toolchain", "programs");
const SHIM = join("test", "toolchain", "native");
const LEVELS = ["0", "2", "3", "s"];
/** The level whose program also runs in a session. */
const SESSION_LEVEL = "2";
const INPUT = "hello world\n".repeat(50);
/** Programs that read: only a session has something for them. */
const READING = ["echo"];

/** @returns the exit status: 1 where a program differs */
export function main(names: readonly string[]): number {
  const files = readdirSync(PROGRAMS).filter((file) => file.endsWith(".c"));
  const chosen = files
    .map((file) => basename(file, ".c"))
    .filter((name) => names.length === 0 || names.includes(name));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  if (!hasGcc()) {
    console.log("skipped: all, there is no gcc; run tools/install-toolchain.sh");
    console.log(formatCounts({ ...counts, skipped: chosen.length }));
    return 0;
  }
  const workshop = new Workshop();
  try {
    for (const name of chosen) {
      const faults = tryProgram(workshop, name);
      counts.failed += faults.length;
      counts.passed += LEVELS.length - faults.length;
      console.log(faults.length === 0 ? `${name} is the same` : faults.join("\n"));
    }
  } finally {
    workshop.remove();
  }
  console.log(formatCounts(counts));
  return counts.failed === 0 ? 0 : 1;
}

/** A message for each level at which something is wrong. */
function tryProgram(workshop: Workshop, name: string): string[] {
  const source = join(PROGRAMS, `${name}.c`);
  const native = workshop.runNative(source, SHIM, INPUT);
  return LEVELS.flatMap((level) => {
    try {
      const file = workshop.nexe(source, level);
      const [finding] = findingsOf(file);
      const place = workshop.path(`${name}.nexe`);
      const found =
        finding ??
        (READING.includes(name) ? undefined : translatedDifference(file, native)) ??
        (level === SESSION_LEVEL ? sessionDifference(file, native, place, INPUT) : undefined);
      return found === undefined ? [] : [`${name} -O${level}: ${found}`];
    } catch (error) {
      return [`${name} -O${level}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
