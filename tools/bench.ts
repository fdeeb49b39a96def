/**
 * `npm run bench`: measures against the peers in one run, in turns, and judges the bars.
 *
 * `--only SECTION` leaves out the others, of those in `SECTIONS`, `--rounds N`
 * sets how often everything runs, `--json FILE` writes every sample; `--size 1GB` is how much
 * `sort` sorts, which has its bar from there on.
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { BenchFolder } from "./bench/bench-folder.ts";
import { measureChannels } from "./bench/channels.ts";
import { measureCloud } from "./bench/cloud.ts";
import { measureConnections } from "./bench/connections.ts";
import { formatJson, formatTable, type Machine } from "./bench/format.ts";
import { measureIdle } from "./bench/idle.ts";
import { measureInstance } from "./bench/instance.ts";
import type { Measurement } from "./bench/measurement.ts";
import { measureMounts } from "./bench/mounts.ts";
import { measurePrepared } from "./bench/prepared.ts";
import { measureSessions } from "./bench/sessions.ts";
import { measureSort } from "./bench/sort.ts";
import { measureStarts } from "./bench/starts.ts";
import { measureSwift } from "./bench/swift.ts";
import { measureWarm } from "./bench/warm.ts";

const SECTIONS = {
  channels: measureChannels,
  starts: measureStarts,
  warm: measureWarm,
  mounts: measureMounts,
  idle: measureIdle,
  instance: measureInstance,
  sessions: measureSessions,
  cloud: measureCloud,
  swift: measureSwift,
  connections: measureConnections,
  sort: measureSort,
  prepared: async (_place, rounds) => [await measurePrepared(rounds)],
} satisfies Record<string, Measure>;

const ROUNDS = 11;

/** @returns 1 when a bar is not met */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "string" },
      only: { type: "string", multiple: true },
      rounds: { type: "string" },
      size: { type: "string" },
    },
  });
  const rounds = values.rounds === undefined ? ROUNDS : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds is a positive number");
  const settings = values.size === undefined ? {} : { sizeBytes: sizeOf(values.size) };
  const unknown = values.only?.find((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown !== undefined) {
    throw new Error(`No section ${unknown}: there are ${Object.keys(SECTIONS).join(", ")}`);
  }
  const measurements: Measurement[] = [];
  for (const [name, measure] of Object.entries(SECTIONS)) {
    if (values.only !== undefined && !values.only.includes(name)) continue;
    console.error(`measuring ${name} …`);
    measurements.push(...(await measureIn(measure, rounds, settings)));
  }
  const machine: Machine = { node: process.version, cpus: cpus().length, load: loadavg()[0] ?? 0 };
  console.log(formatTable(machine, measurements));
  if (values.json !== undefined) writeFileSync(values.json, formatJson(machine, measurements));
  const verdicts = measurements.flatMap((measurement) => measurement.verdicts);
  return verdicts.every(({ isMet }) => isMet) ? 0 : 1;
}

/** What the command line says beside rounds. */
interface Settings {
  readonly sizeBytes?: number;
}

type Measure = (place: BenchFolder, rounds: number, settings: Settings) => Promise<Measurement[]>;

const UNITS = { MB: 1e6, GB: 1e9 } as const;

function sizeOf(text: string): number {
  const [, count, unit] = /^(\d+)(MB|GB)$/.exec(text) ?? [];
  if (unit !== "MB" && unit !== "GB") throw new Error(`--size is like 64MB or 1GB, not ${text}`);
  return Number(count) * UNITS[unit];
}

async function measureIn(
  measure: Measure,
  rounds: number,
  settings: Settings,
): Promise<Measurement[]> {
  const place = new BenchFolder();
  try {
    return await measure(place, rounds, settings);
  } finally {
    place.remove();
  }
}
