import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bareLibrary, type NexeLibrary } from "../../src/zerovm/compile/index.ts";
import { Workshop } from "../toolchain/compiled.ts";
import { type BenchFolder, zerovmWords } from "./bench-folder.ts";
import type { Measurement } from "./measurement.ts";
import { type Command, runProcess, timeInTurns } from "./run-process.ts";
import { atMost, median } from "./statistics.ts";

const PROGRAMS = join("test", "toolchain", "programs");
const SHIM = join("test", "toolchain", "native");
const LOADER = join("tools", "bench", "nexe", "run-native.c");
/** Of the time of the same nexe as code of this machine: the geometric mean, and each one. */
const MEAN_MAX = 1.35;
const EACH_MAX = 2.3;

/** Programs with sizes at which they run for half a second. */
const KERNELS: Readonly<Record<string, readonly string[]>> = {
  sieve: ["N=2000000", "ROUNDS=150"],
  "n-body": ["STEPS=8000000"],
  sha256: ["BLOCKS=3000000"],
  matrix: ["N=800"],
  fib: ["N=40"],
  interpreter: ["LOOPS=20000000"],
};
/** The same program with nothing to do: what is left is the start. */
const START = ["LOOPS=1"];
const NATIVE = "nexe as native code";

/**
 * Native Client programs in sessions, beside the same files run as code of this machine by a
 * loader of ours, without walls, and beside plain native code of the same source. Of each whole
 * process the time of one with nothing to do is taken off.
 */
export async function measureNexeKernels(
  place: BenchFolder,
  rounds: number,
): Promise<Measurement[]> {
  const library = await bareLibrary(join("src", "nacl", "libc"));
  const workshop = new Workshop();
  const tools = { workshop, library };
  try {
    const loader = compile(place, "run-native", [LOADER]);
    const start = candidatesOf(place, tools, loader, "interpreter", START);
    const starts = start.map((it) => ({ ...it, name: startOf(it.name) }));
    const measurements = Object.entries(KERNELS).map(([name, defines]) => {
      const works = candidatesOf(place, tools, loader, name, defines);
      return measurementOf(name, works, timeInTurns([...works, ...starts], rounds));
    });
    const ratios = measurements.map(({ verdicts }) => verdicts[0]?.value ?? Number.NaN);
    const mean = Math.exp(ratios.reduce((sum, it) => sum + Math.log(it), 0) / ratios.length);
    const all: Measurement = {
      name: "all nexe kernels",
      unit: "",
      candidates: [{ name: `zerovm / ${NATIVE}`, samples: [median(ratios)] }],
      verdicts: [atMost("geometric mean", mean, MEAN_MAX)],
    };
    return [...measurements, all];
  } finally {
    workshop.remove();
  }
}

function measurementOf(
  name: string,
  works: readonly Command[],
  timed: ReadonlyMap<string, number[]>,
): Measurement {
  const workTimes = (candidate: string): number[] => {
    const starts = timed.get(startOf(candidate)) ?? [];
    return (timed.get(candidate) ?? []).map((sample, round) => sample - (starts[round] ?? 0));
  };
  const ratio = median(workTimes("zerovm")) / median(workTimes(NATIVE));
  return {
    name: `nexe ${name}`,
    unit: "ms",
    note: "less a process with nothing to do",
    candidates: works.map((it) => ({ name: it.name, samples: workTimes(it.name) })),
    verdicts: [atMost(`zerovm / ${NATIVE}`, ratio, EACH_MAX)],
  };
}

function startOf(name: string): string {
  return `${name}, start`;
}

/** What each must print is what native code prints. */
function candidatesOf(
  place: BenchFolder,
  { workshop, library }: { readonly workshop: Workshop; readonly library: NexeLibrary },
  loader: string,
  kernel: string,
  defines: readonly string[],
): Command[] {
  const source = join(PROGRAMS, `${kernel}.c`);
  const options = defines.map((it) => `-D${it}`);
  const name = [kernel, ...defines].join("-");
  const native = compile(place, name, [...options, "-w", "-fwrapv", "-I", SHIM, source]);
  const nexe = place.write(`${name}.nexe`, workshop.nexe(source, "2", library, options));
  // The status is part of the program's answer, and no failure.
  const ended = (...words: readonly string[]) => ["sh", "-c", '"$@"; exit 0', "sh", ...words];
  const words = ended(native);
  const expects = runProcess({ name: "plain native", words }).output.toString();
  return [
    { name: "zerovm", words: ended(...zerovmWords("run", nexe)), expects },
    { name: NATIVE, words: ended(loader, nexe), expects },
    { name: "plain native", words, expects },
  ];
}

function compile(place: BenchFolder, name: string, words: readonly string[]): string {
  const program = place.path(name);
  const run = spawnSync("gcc", ["-O2", "-o", program, ...words], { encoding: "utf8" });
  if (run.status === 0) return program;
  throw new Error(`gcc ${words.join(" ")}:\n${run.stderr ?? ""}`, { cause: run.error });
}
