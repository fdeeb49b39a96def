import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readModule } from "../../src/wasm/index.ts";
import { outlineLoops } from "../../src/wasm/outline/index.ts";
import { type BenchFolder, findBun, nodeWasiWords, zerovmWords } from "./bench-folder.ts";
import type { Measurement } from "./measurement.ts";
import { type Command, runProcess, timeInTurns } from "./run-process.ts";
import { atMost, median, type Verdict } from "./statistics.ts";

const SOURCES = join("tools", "bench", "kernels");
/** Does nothing but print: what is left of a kernel without its loop. */
const START = "start";

const OPTIMISING = ["-O2", "-Wall", "-Wextra", "-Werror"];
const GUEST = ["--target=wasm32-wasi", "-msimd128"];

/** Of the time of native code: the geometric mean over all kernels, and each one. */
const MEAN_MAX = 1.3;
const EACH_MAX = 2.6;

interface Kernel {
  readonly name: string;
  readonly native: string;
  readonly guest: string;
  /** The guest with its loops outlined by our pass alone. */
  readonly outlined: string;
}

/**
 * Programs with their hot loop in `main`, compiled to WebAssembly and to this machine. Of each
 * whole process the time of one that only prints is taken off, so that no start is in it.
 */
export function measureKernels(place: BenchFolder, rounds: number): Measurement[] {
  const names = readdirSync(SOURCES).map((file) => basename(file, ".c"));
  const kernels = new Map(names.map((name) => [name, build(place, name)]));
  const start = kernels.get(START);
  if (start === undefined) throw new Error(`There is no kernel ${START}`);
  const ratios: number[] = [];
  const measurements: Measurement[] = [];
  for (const kernel of kernels.values()) {
    if (kernel === start) continue;
    const measurement = measureKernel(kernel, start, rounds);
    ratios.push(measurement.verdicts[0]?.value ?? Number.NaN);
    measurements.push(measurement);
  }
  return [...measurements, meanOf(ratios)];
}

function measureKernel(kernel: Kernel, start: Kernel, rounds: number): Measurement {
  const works = candidatesOf(kernel);
  // The starts are timed in the same turns, so that a load which comes and goes meets both.
  const starts = candidatesOf(start).map((it) => ({ ...it, name: startOf(it.name) }));
  const timed = timeInTurns([...works, ...starts], rounds);
  const workTimes = (name: string): number[] => {
    const startTimes = timed.get(startOf(name)) ?? [];
    return (timed.get(name) ?? []).map((sample, round) => sample - (startTimes[round] ?? 0));
  };
  const ratio = median(workTimes("zerovm")) / median(workTimes("native"));
  return {
    name: `kernel ${kernel.name}`,
    unit: "ms",
    note: "less a process that only prints",
    candidates: works.map(({ name }) => ({ name, samples: workTimes(name) })),
    verdicts: [atMost("zerovm / native", ratio, EACH_MAX)],
  };
}

function startOf(name: string): string {
  return `${name}, start`;
}

function meanOf(ratios: readonly number[]): Measurement {
  const mean = Math.exp(ratios.reduce((sum, it) => sum + Math.log(it), 0) / ratios.length);
  const verdicts: Verdict[] = [atMost("geometric mean", mean, MEAN_MAX)];
  const candidates = [{ name: "zerovm / native", samples: [median(ratios)] }];
  return { name: "all kernels", unit: "", candidates, verdicts };
}

/** What each must print is what native code prints. */
function candidatesOf({ native, guest, outlined }: Kernel): Command[] {
  const expects = runProcess({ name: "native", words: [native] }).output.toString();
  const [node = "", ...wasi] = nodeWasiWords([guest]);
  const bun = findBun();
  return [
    { name: "zerovm", words: zerovmWords("run", guest), expects },
    { name: "native", words: [native], expects },
    { name: "node:wasi", words: [node, ...wasi], expects },
    { name: "node:wasi, outlined", words: nodeWasiWords([outlined]), expects },
    { name: "node:wasi, optimised", words: [node, "--no-liftoff", ...wasi], expects },
    ...(bun === undefined ? [] : [{ name: "bun", words: [bun, guest], expects }]),
  ];
}

function build(place: BenchFolder, name: string): Kernel {
  const source = join(SOURCES, `${name}.c`);
  const native = place.path(name);
  const guest = place.path(`${name}.wasm`);
  compile([...OPTIMISING, source, "-o", native, "-lm"]);
  compile([...OPTIMISING, ...GUEST, source, "-o", guest]);
  const bytes = new Uint8Array(readFileSync(guest));
  const outlined = outlineLoops(bytes, readModule(bytes));
  return { name, native, guest, outlined: place.write(`${name}-outlined.wasm`, outlined) };
}

function compile(args: readonly string[]): void {
  const run = spawnSync("clang", args, { encoding: "utf8" });
  if (run.error !== undefined) {
    throw new Error("There is no clang: run tools/install-toolchain.sh", { cause: run.error });
  }
  if (run.status !== 0) throw new Error(`clang ${args.join(" ")}:\n${run.stderr}`);
}
