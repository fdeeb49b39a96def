/**
 * `npm run bench:toolchain`: compute kernels against native code and other engines, in turns,
 * with their bars. Needs clang for WebAssembly, see `tools/install-toolchain.sh`.
 *
 * `--rounds N` sets how often everything runs, `--json FILE` writes every sample, `--only wasm`
 * or `--only nexe` leaves out the other kind of program.
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { BenchFolder } from "./bench/bench-folder.ts";
import { formatJson, formatTable, type Machine } from "./bench/format.ts";
import { measureKernels } from "./bench/kernels.ts";
import type { Measurement } from "./bench/measurement.ts";
import { measureNexeKernels } from "./bench/nexe-kernels.ts";

const ROUNDS = 7;
const MEASURES = { wasm: measureKernels, nexe: measureNexeKernels };

/** @returns 1 when a bar is not met */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "string" },
      only: { type: "string" },
      rounds: { type: "string" },
    },
  });
  const rounds = values.rounds === undefined ? ROUNDS : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds is a positive number");
  const place = new BenchFolder();
  try {
    const measurements: Measurement[] = [];
    for (const measure of measuresOf(values.only)) {
      measurements.push(...(await measure(place, rounds)));
    }
    const load = loadavg()[0] ?? 0;
    const machine: Machine = { node: process.version, cpus: cpus().length, load };
    console.log(formatTable(machine, measurements));
    if (values.json !== undefined) writeFileSync(values.json, formatJson(machine, measurements));
    const verdicts = measurements.flatMap((measurement) => measurement.verdicts);
    return verdicts.every(({ isMet }) => isMet) ? 0 : 1;
  } finally {
    place.remove();
  }
}

function measuresOf(
  only: string | undefined,
): (typeof measureKernels | typeof measureNexeKernels)[] {
  const chosen = Object.entries(MEASURES).filter(([kind]) => only === undefined || kind === only);
  if (chosen.length === 0) throw new Error("--only is wasm or nexe");
  return chosen.map(([, measure]) => measure);
}
