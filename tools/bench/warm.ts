import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { type BenchFolder, emptyNode, zerovmWords } from "./bench-folder.ts";
import { HELLO } from "./guests.ts";
import type { Measurement } from "./measurement.ts";
import { plainEnvironment, timeInTurns } from "./run-process.ts";
import { atMost, median, type Samples } from "./statistics.ts";
import { largeNexe, measureTranslation } from "./warm-nexe.ts";
import { type PoolTimes, timePool } from "./warm-pools.ts";

/** Functions that make a program of about 100 KB. */
const FUNCTION_COUNT = 500;
/** Sessions for each round: the slowest of a hundred has to be seen. */
const SESSIONS = 20;

/** In which a pool has replaced what a command took. */
const REFILL_MS = 1500;

/** What a warm cell may take, in milliseconds. */
const BARS = { order: 1, slowestOrder: 3, session: 2, command: 8, nexeOrder: 3 } as const;
const NEXE_TEXT_BYTES = 100 * 1024;

/** Sessions in cells that wait, in this process and by the command line. */
export async function measureWarm(place: BenchFolder, rounds: number): Promise<Measurement[]> {
  const count = rounds * SESSIONS;
  const program = await place.guest("large", largeProgram());
  const nexe = place.write("large.nexe", largeNexe(NEXE_TEXT_BYTES));
  const ofModule = timePool(program, count, "program");
  return [
    ...poolMeasurements(ofModule),
    nexeMeasurement(ofModule, timePool(nexe, count, "program"), timePool(nexe, count, "any")),
    await measureTranslation(place, rounds),
    await measureCommand(place, rounds),
  ];
}

function largeProgram(): string {
  const step =
    "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 1000003)) (i32.const 7919)))";
  const body = Array.from({ length: 16 }, () => step).join(" ");
  const functions = Array.from({ length: FUNCTION_COUNT }, () => {
    return `(func (param i32) (result i32) ${body} (local.get 0))`;
  });
  return HELLO.replace("(memory ", `${functions.join("\n")} (memory `);
}

function poolMeasurements({ orders, sessions }: PoolTimes): Measurement[] {
  const note = "100 KB program, cells of a pool for it, one session after the other";
  return [
    {
      name: "order to first guest instruction",
      unit: "ms",
      note,
      candidates: [{ name: "zerovm", samples: orders }],
      verdicts: [
        atMost("ms in the middle", median(orders), BARS.order),
        atMost("ms of the slowest of a hundred", percentile(orders, 0.99), BARS.slowestOrder),
      ],
    },
    {
      name: "order to report, read by the host",
      unit: "ms",
      note,
      candidates: [{ name: "zerovm", samples: sessions }],
      verdicts: [atMost("ms in the middle", median(sessions), BARS.session)],
    },
  ];
}

/** A nexe program beside the module of the same size in the same run. */
function nexeMeasurement(module: PoolTimes, own: PoolTimes, general: PoolTimes): Measurement {
  const slowest = percentile(own.orders, 0.99);
  return {
    name: "order to first guest instruction of a nexe",
    unit: "ms",
    note: `100 KB of text, translated before; the slowest of a hundred: ${slowest.toFixed(1)} ms`,
    candidates: [
      { name: "zerovm", samples: own.orders },
      { name: "the same, in cells for any program", samples: general.orders },
      { name: "the 100 KB module", samples: module.orders },
    ],
    verdicts: [atMost("ms in the middle", median(own.orders), BARS.nexeOrder)],
  };
}

function percentile(samples: Samples, part: number): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** The command line beside a resident pool of its own. */
async function measureCommand(place: BenchFolder, rounds: number): Promise<Measurement> {
  const program = await place.guest("hello", HELLO);
  const socket = place.path("own/pool.sock");
  const [node = "", ...words] = zerovmWords("pool", "--size", "2", "--socket", socket);
  const pool = spawn(node, words, { stdio: "ignore", env: plainEnvironment() });
  try {
    while (!existsSync(`${socket}.run`)) await setTimeout(20);
    const timed = timeInTurns(
      [
        {
          name: "zerovm with a pool",
          words: zerovmWords("run", program),
          expects: "hello\n",
          env: { ZEROVM_POOL: socket },
          pauseMs: REFILL_MS,
        },
        emptyNode(),
      ],
      2 * rounds,
    );
    const candidates = [...timed].map(([name, samples]) => ({ name, samples }));
    const [own = [], empty = []] = [...timed.values()];
    return {
      name: "hello with a resident pool",
      unit: "ms",
      note: "whole processes",
      candidates,
      verdicts: [atMost("1 empty node + 8 ms", median(own), median(empty) + BARS.command)],
    };
  } finally {
    pool.kill("SIGINT");
  }
}
