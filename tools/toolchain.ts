/**
 * `npm run test:toolchain`: C programs compiled to nexe files at several levels of optimisation,
 * judged under both policies, translated and run: they print what the same C does as a process of
 * this machine, or as a module for WASI, and end as it does. Those in `avx` have AVX2 and FMA, and
 * one policy that accepts them. Then every instruction that is translated, with random operands, on
 * this processor and translated: both leave the same state. What it needs of the system it installs
 * where it may.
 *
 * Names of programs choose among them, and names of their folders below `test/toolchain` all of
 * one; `instructions` is the comparison of instructions, for which `--seed S` makes other operands,
 * and `--only N` takes the variant with this number.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { bareLibrary, hostedLibrary, type NexeLibrary } from "../src/zerovm/compile/index.ts";
import { installMissing } from "./packages.ts";
import { AVX, AVX_LEVELS, missingFlags, tryAvx } from "./toolchain/avx.ts";
import {
  findingsOf,
  type LineCheck,
  sessionDifference,
  translatedDifference,
} from "./toolchain/check.ts";
import { type NativeRun, Workshop } from "./toolchain/compiled.ts";
import { HOSTED, HOSTED_LEVELS, tryHosted } from "./toolchain/hosted.ts";
import { type Compared, compareInstructions } from "./toolchain/instructions.ts";
import { faultsAt, GUEST, INPUT, LEVELS, SHIM } from "./toolchain/levels.ts";
import { NACL, tryNaclCalls } from "./toolchain/nacl-calls.ts";
import { areNearLines } from "./toolchain/near-lines.ts";
import { runShares } from "./toolchain/shares.ts";
import { TOOLCHAIN } from "./toolchain/tools-of-system.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

const PROGRAMS = join("test", "toolchain", "programs");
/** The level whose program also runs in a session. */
const SESSION_LEVEL = "2";
/** Programs that read: only a session has something for them. */
const READING = ["echo"];
/** Programs whose results may differ from the processor's, and how much. */
const NEAR: Readonly<Record<string, LineCheck>> = { transcendental: areNearLines };
const INSTRUCTIONS = "instructions";
/** Programs that are no WebAssembly from the same source, and why. */
const NOT_WASI: Readonly<Record<string, string>> = {
  float80: "it has no floats of 80 bits",
  "sse-modes": "it has one mode for floats",
  transcendental: "its instructions are those of x86",
  x87: "its instructions are those of x86",
  "bit-tricks": "the library of clang has no 128-bit remainder",
  convert: "conversions of what does not fit have no defined result",
  jumps: "clang has no longjmp for WebAssembly",
  "n-body": "its square root is an instruction of x86",
};

/** What takes as long as the rest: programs, and all other kinds. */
const SHARES = [["programs"], ["nacl", "avx", "hosted", INSTRUCTIONS]];

/** @returns the exit status: 1 where something differs */
export async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  const missing = installMissing(TOOLCHAIN, "tools/install-toolchain.sh");
  if (missing.length > 0) {
    console.log(`skipped: all, ${missing.join(", ")} missing; run tools/install-toolchain.sh`);
    console.log(formatCounts({ passed: 0, failed: 0, skipped: 1 }));
    return 0;
  }
  const counts =
    asked.names.length === 0
      ? await runShares(SHARES.map((names) => [...names, `--seed=${asked.seed}`]))
      : await compareAll(asked);
  console.log(formatCounts(counts));
  return counts.failed === 0 ? 0 : 1;
}

async function compareAll({ names, seed, only }: Asked): Promise<Compared> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const add = (found: Compared): void => {
    counts.passed += found.passed;
    counts.failed += found.failed;
    counts.skipped += found.skipped;
  };
  const hosted = chosenOf(HOSTED, names);
  const workshop = new Workshop();
  try {
    const library = await bareLibrary(GUEST);
    for (const name of chosenOf(PROGRAMS, names)) {
      add(told(name, LEVELS, tryProgram(workshop, library, name)));
    }
    for (const name of chosenOf(NACL, names)) {
      add(told(`${name} of nacl`, LEVELS, tryNaclCalls(workshop, library, name)));
    }
    add(tryAllAvx(workshop, library, chosenOf(AVX, names)));
    if (hosted.length > 0) {
      const withLibc = await hostedLibrary(console.log, GUEST);
      for (const name of hosted) {
        add(told(name, HOSTED_LEVELS, await tryHosted(workshop, withLibc, name)));
      }
    }
    if (names.includes(INSTRUCTIONS)) add(compareInstructions(workshop, seed, only));
  } finally {
    workshop.remove();
  }
  return counts;
}

/** Programs of a folder, all where its own name is among those asked for. */
function chosenOf(folder: string, names: readonly string[]): string[] {
  const all = readdirSync(folder).filter((file) => file.endsWith(".c"));
  return all
    .map((file) => basename(file, ".c"))
    .filter((name) => names.includes(name) || names.includes(basename(folder)));
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

/** The programs with AVX2 and FMA, where this processor has them. */
function tryAllAvx(workshop: Workshop, library: NexeLibrary, names: readonly string[]): Compared {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const missing = missingFlags(["avx2", "fma"]);
  for (const name of names) {
    if (missing.length > 0) {
      console.log(`skipped: ${name} of avx, this processor has no ${missing.join(", ")}`);
      counts.skipped += AVX_LEVELS.length;
      continue;
    }
    const { passed, failed } = told(`${name} of avx`, AVX_LEVELS, tryAvx(workshop, library, name));
    counts.passed += passed;
    counts.failed += failed;
  }
  return counts;
}

/** Prints how a program did at its levels, and counts it. */
function told(name: string, levels: readonly string[], faults: readonly string[]): Compared {
  console.log(faults.length === 0 ? `${name} is the same` : faults.join("\n"));
  return { passed: levels.length - faults.length, failed: faults.length, skipped: 0 };
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
  const found = sessionDifference(native, place, INPUT, NEAR[name]);
  if (found !== undefined || NOT_WASI[name] !== undefined) return found;
  const source = join(PROGRAMS, `${name}.c`);
  const other = sessionDifference(native, workshop.wasi(source, SHIM), INPUT);
  return other === undefined ? undefined : `as WebAssembly, ${other}`;
}

/** A message for each level at which something is wrong. */
function tryProgram(workshop: Workshop, library: NexeLibrary, name: string): string[] {
  const source = join(PROGRAMS, `${name}.c`);
  const native = workshop.runNative(source, SHIM, INPUT);
  return faultsAt(name, LEVELS, (level) => {
    const file = workshop.nexe(source, level, library);
    const [finding] = findingsOf(file);
    return (
      finding ??
      (READING.includes(name) ? undefined : translatedDifference(file, native, NEAR[name])) ??
      (level === SESSION_LEVEL ? trySessions(workshop, name, file, native) : undefined)
    );
  });
}
