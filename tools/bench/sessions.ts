import { spawnSync } from "node:child_process";
import { type BenchFolder, emptyNode, PEERS } from "./bench-folder.ts";
import { HELLO } from "./guests.ts";
import type { Measurement } from "./measurement.ts";

const TOGETHER = [1, 2, 4, 8];
const SECONDS = 5;
/** Empty starts of Node, for what of a session is only that. */
const EMPTY_STARTS = 20;

/** Milliseconds of a processor for one session. */
interface Cost {
  readonly hostUser: number;
  readonly hostSystem: number;
  readonly cellUser: number;
  readonly cellSystem: number;
}

/** One run: so many sessions at a time from one source of cells. */
interface Run {
  readonly together: number;
  readonly rate: number;
  readonly cost: Cost;
}

/** Sessions a second, each in a fresh cell, and what they cost the processors. */
export async function measureSessions(place: BenchFolder, _rounds: number): Promise<Measurement[]> {
  const program = await place.guest("hello", HELLO);
  const runsOf = (source: "pool" | "cold") =>
    TOGETHER.map((together) => runSessions(program, source, together));
  const runs = { pool: runsOf("pool"), cold: runsOf("cold") };
  return [
    rates("hello sessions with a pool as large", runs.pool),
    rates("hello sessions, each cell started for it", runs.cold),
    costs(runs),
  ];
}

function runSessions(program: string, source: string, together: number): Run {
  const words = [`${PEERS}/sessions.mjs`, program, source, String(together), String(SECONDS)];
  const ran = spawnSync(process.execPath, words, { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`Sessions failed: ${ran.stderr}`);
  return { together, ...(JSON.parse(ran.stdout) as Omit<Run, "together">) };
}

function rates(name: string, runs: readonly Run[]): Measurement {
  const candidates = runs.map(({ together, rate }) => ({
    name: `${together} at a time`,
    samples: [rate],
  }));
  const note = "each in a fresh cell, on all processors";
  return { name, unit: "1/s", isRate: true, note, candidates, verdicts: [] };
}

/** What holds the rate back: processors, and of their time mostly what a start of Node takes. */
function costs(runs: Readonly<Record<"pool" | "cold", readonly Run[]>>): Measurement {
  const of = (source: "pool" | "cold", name: keyof Cost) => ({
    name: `${source}, ${NAMES[name]}`,
    samples: runs[source].map(({ cost }) => cost[name]),
  });
  const names = Object.keys(NAMES) as (keyof Cost)[];
  const candidates = [
    ...names.map((name) => of("pool", name)),
    ...names.map((name) => of("cold", name)),
    { name: "an empty node, in all", samples: emptyCosts() },
  ];
  const note = "milliseconds of a processor, of each session";
  return { name: "what a hello session costs", unit: "ms", note, candidates, verdicts: [] };
}

const NAMES: Readonly<Record<keyof Cost, string>> = {
  cellUser: "cell",
  cellSystem: "kernel for the cell",
  hostUser: "host",
  hostSystem: "kernel for the host",
};

function emptyCosts(): number[] {
  const script = `const { spawnSync } = require("node:child_process");
    const { readFileSync } = require("node:fs");
    const spent = () => readFileSync("/proc/self/stat", "latin1").split(") ")[1].split(" ")
      .slice(13, 15).reduce((sum, ticks) => sum + 10 * Number(ticks), 0);
    for (let turn = 0; turn < ${EMPTY_STARTS}; turn++)
      spawnSync(process.argv[1], process.argv.slice(2));
    console.log(spent() / ${EMPTY_STARTS});`;
  const ran = spawnSync(process.execPath, ["-e", script, ...emptyNode().words], {
    encoding: "utf8",
    env: {},
  });
  return [Number(ran.stdout)];
}
