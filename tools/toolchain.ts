/**
 * `npm run test:toolchain`: C programs compiled to nexe files at several levels of optimisation,
 * judged under both policies, translated and run: they print what the same C does as a process of
 * this machine, and end as it does, also as WebAssembly where there is a clang for that. Then every
 * instruction that is translated, with random operands, on this processor and translated: both
 * leave the same state. Needs gcc.
 *
 * Names of programs choose among them; `instructions` is the comparison of instructions, for which
 * `--seed S` makes other operands, and `--only N` takes the variant with this number.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { findingsOf, sessionDifference, translatedDifference } from "./toolchain/check.ts";
import { hasGcc, hasWasi, type NativeRun, Workshop } from "./toolchain/compiled.ts";
import { type Compared, compareInstructions } from "./toolchain/instructions.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

const PROGRAMS = join("test", "toolchain", "programs");
const SHIM = join("test", "toolchain", "native");
const LEVELS = ["0", "2", "3", "s"];
/** The level whose program also runs in a session. */
const SESSION_LEVEL = "2";
const INPUT = "hello world\n".repeat(50);
/** Programs that read: only a session has something for them. */
const READING = ["echo"];
const INSTRUCTIONS = "instructions";
/** Programs that are no WebAssembly from the same source, and why. */
const NOT_WASI: Readonly<Record<string, string>> = {
  "bit-tricks": "the library of clang has no 128-bit remainder",
  convert: "conversions of what does not fit have no defined result",
  jumps: "clang has no longjmp for WebAssembly",
  "n-body": "its square root is an instruction of x86",
};

/** @returns the exit status: 1 where something differs */
export function main(args: readonly string[]): number {
  const { names, seed, only } = readArguments(args);
  const files = readdirSync(PROGRAMS).filter((file) => file.endsWith(".c"));
  const chosen = [...files.map((file) => basename(file, ".c")), INSTRUCTIONS].filter(
    (name) => names.length === 0 || names.includes(name),
  );
  const counts = { passed: 0, failed: 0, skipped: 0 };
  if (!hasGcc()) {
    console.log("skipped: all, there is no gcc; run tools/install-toolchain.sh");
    console.log(formatCounts({ ...counts, skipped: chosen.length }));
    return 0;
  }
  const workshop = new Workshop();
  try {
    for (const name of chosen) {
      const found =
        name === INSTRUCTIONS
          ? compareInstructions(workshop, seed, only)
          : compareProgram(workshop, name);
      counts.passed += found.passed;
      counts.failed += found.failed;
      counts.skipped += found.skipped;
    }
  } finally {
    workshop.remove();
  }
  console.log(formatCounts(counts));
  return counts.failed === 0 ? 0 : 1;
}

interface Asked {
  readonly names: readonly string[];
  readonly seed: number;
  readonly only: number | undefined;
}

function readArguments(args: readonly string[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { seed: { type: "string" }, only: { type: "string" } },
    allowPositionals: true,
  });
  const numberOf = (name: "seed" | "only"): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} is a whole number`);
    return value;
  };
  const only = numberOf("only");
  const names = only === undefined ? positionals : [INSTRUCTIONS];
  return { names, seed: numberOf("seed") ?? 1, only };
}

function compareProgram(workshop: Workshop, name: string): Compared {
  const faults = tryProgram(workshop, name);
  console.log(faults.length === 0 ? `${name} is the same` : faults.join("\n"));
  return { passed: LEVELS.length - faults.length, failed: faults.length, skipped: 0 };
}

/** The program in sessions: as a nexe, and as the WebAssembly that the same source becomes. */
function trySessions(
  workshop: Workshop,
  name: string,
  nexe: Uint8Array,
  native: NativeRun,
): string | undefined {
  const place = workshop.path("program.nexe");
  writeFileSync(place, nexe);
  const found = sessionDifference(native, place, INPUT);
  if (found !== undefined || NOT_WASI[name] !== undefined || !hasWasi()) return found;
  const source = join(PROGRAMS, `${name}.c`);
  const other = sessionDifference(native, workshop.wasi(source, SHIM), INPUT);
  return other === undefined ? undefined : `as WebAssembly, ${other}`;
}

/** A message for each level at which something is wrong. */
function tryProgram(workshop: Workshop, name: string): string[] {
  const source = join(PROGRAMS, `${name}.c`);
  const native = workshop.runNative(source, SHIM, INPUT);
  return LEVELS.flatMap((level) => {
    try {
      const file = workshop.nexe(source, level);
      const [finding] = findingsOf(file);
      const found =
        finding ??
        (READING.includes(name) ? undefined : translatedDifference(file, native)) ??
        (level === SESSION_LEVEL ? trySessions(workshop, name, file, native) : undefined);
      return found === undefined ? [] : [`${name} -O${level}: ${found}`];
    } catch (error) {
      return [`${name} -O${level}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
