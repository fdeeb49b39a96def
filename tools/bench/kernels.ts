import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readModule } from "../../src/wasm/index.ts";
import { outlineLoops } from "../../src/wasm/outline/index.ts";
import { type BenchFolder, findBun, nodeWasiWords, zerovmWords } from "./bench-folder.ts";
import type { Measurement } from "./measurement.ts";
import { type Command, runProcess, timeInTurns } from "./run-process.ts";
import { atMost, median } from "./statistics.ts";

const SOURCES = join("tools", "bench", "kernels");
/** Does nothing but print: what is left of a kernel without its loop. */
const START = "start";

const OPTIMISING = ["-O2", "-Wall", "-Wextra", "-Werror"];
const GUEST = ["--target=wasm32-wasi", "-msimd128"];

/** Of the time of native code: the geometric mean over all kernels, plain and with fuel counted. */
const MEANS_MAX = { zerovm: 1.3, "zerovm, fuel counted": 1.45 };
/** The same of each kernel by itself. */
const EACH_MAX = 2.6;
/** More than any kernel uses up. */
const FUEL = "1000000000000";

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
  const works = [...kernels.values()].filter((kernel) => kernel !== start);
  const measurements = works.map((kernel) => measureKernel(kernel, start, rounds));
  return [...measurements, meansOf(measurements)];
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
  const native = median(workTimes("native"));
  return {
    name: `kernel ${kernel.name}`,
    unit: "ms",
    note: "less a process that only prints",
    candidates: works.map(({ name }) => ({ name, samples: workTimes(name) })),
    verdicts: Object.keys(MEANS_MAX).map((name) =>
      atMost(ratioName(name), median(workTimes(name)) / native, EACH_MAX),
    ),
  };
}

function ratioName(name: string): string {
  return `${name} / native`;
}

function startOf(name: string): string {
  return `${name}, start`;
}

function meansOf(kernels: readonly Measurement[]): Measurement {
  const means = Object.entries(MEANS_MAX).map(([name, max]) => {
    const verdicts = kernels.flatMap((kernel) => kernel.verdicts);
    const ratios = verdicts.filter((verdict) => verdict.bar === ratioName(name));
    const sum = ratios.reduce((logs, { value }) => logs + Math.log(value), 0);
    return { name: ratioName(name), mean: Math.exp(sum / ratios.length), max };
  });
  return {
    name: "all kernels",
    unit: "",
    candidates: means.map(({ name, mean }) => ({ name, samples: [mean] })),
    verdicts: means.map(({ name, mean, max }) => atMost(`${name}, geometric mean`, mean, max)),
  };
}

/** What each must print is what native code prints. */
function candidatesOf({ native, guest, outlined }: Kernel): Command[] {
  const expects = runProcess({ name: "native", words: [native] }).output.toString();
  const [node = "", ...wasi] = nodeWasiWords([guest]);
  const bun = findBun();
  return [
    { name: "zerovm", words: zerovmWords("run", guest), expects },
    {
      name: "zerovm, fuel counted",
      words: zerovmWords("run", "--fuel", FUEL, guest),
      expects,
    },
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
