import { spawnSync } from "node:child_process";
import { type BenchFolder, PEERS } from "./bench-folder.ts";
import { HELLO } from "./guests.ts";
import type { Measurement } from "./measurement.ts";
import { atMost, median } from "./statistics.ts";

/** Sessions for each round. */
const SESSIONS = 50;
/** What an instance in the process of the host may take, in microseconds. */
const BAR = 60;

/** Sessions without a cell: what our own part costs beside the engine's. */
export async function measureInstance(place: BenchFolder, rounds: number): Promise<Measurement[]> {
  const program = await place.guest("hello", HELLO);
  const words = [`${PEERS}/instance.mjs`, program, String(rounds * SESSIONS)];
  const ran = spawnSync(process.execPath, words, { encoding: "utf8", maxBuffer: 2 ** 24 });
  if (ran.status !== 0) throw new Error(`Sessions failed: ${ran.stderr}`);
  const samples = JSON.parse(ran.stdout) as Record<"session" | "guest" | "engine", number[]>;
  return [
    {
      name: "an instance in the process of its host",
      unit: "µs",
      note: "hello, compiled before, from its instance to its end, with its time limit",
      candidates: [
        { name: "zerovm", samples: samples.guest },
        { name: "the engine alone", samples: samples.engine },
        { name: "the whole session", samples: samples.session },
      ],
      verdicts: [atMost("µs in the middle", median(samples.guest), BAR)],
    },
  ];
}
