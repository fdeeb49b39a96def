import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { type BenchFolder, PEERS } from "../bench-folder.ts";
import { HELLO } from "../guests.ts";
import type { Measurement } from "../measurement.ts";
import { atLeast, atMost, median, type Samples } from "../statistics.ts";
import { type Endpoint, must } from "./endpoint.ts";
import { timed } from "./objects.ts";

const HELLOS = 20;
/** In which the server has replaced the cell that a job took. */
const REFILL_MS = 400;
const TOGETHER = 4;
const RATE_JOBS = 60;
const HAND_SECONDS = 4;
const BARS = { middleMs: 5, slowestMs: 25, rate: 0.8 } as const;
const EXECUTE = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" } as const;

/** A job of one node that prints into the answer. */
export function jobOf(program: string, paths: Readonly<Record<string, string>> = {}): string {
  const inputs = Object.entries(paths).map(([device, path]) => ({ device, path }));
  const devices = [...inputs, { device: "stdout", content_type: "text/plain" }];
  return JSON.stringify([{ name: "bench", exec: { path: program }, devices }]);
}

/** Runs a job and gives what it printed. @throws Error where it is not as it should be */
export async function execute(
  cloud: Pick<Endpoint, "storageUrl" | "token">,
  job: string,
): Promise<Buffer> {
  const { body, headers } = await must(cloud, "POST", "", job, EXECUTE);
  const status = String(headers["x-nexe-status"]);
  if (!/^(ok\.,?)+$/.test(status)) throw new Error(`The job ended with ${status}: ${body}`);
  return body;
}

/** Small jobs, one after the other and several at a time. */
export async function measureJobs(
  place: BenchFolder,
  cloud: Endpoint,
  rounds: number,
): Promise<Measurement[]> {
  const program = await place.guest("hello", HELLO);
  await must(cloud, "PUT", "/jobs");
  await must(cloud, "PUT", "/jobs/hello.wasm", readFileSync(program));
  const job = jobOf("swift://~/jobs/hello.wasm");
  const hello = async (): Promise<void> => {
    const said = await execute(cloud, job);
    if (said.toString() !== "hello\n") throw new Error(`hello said ${said}`);
  };
  const samples: number[] = [];
  for (let time = 0; time < (rounds + 1) * HELLOS; time += 1) {
    const ms = await timed(hello);
    if (time >= HELLOS) samples.push(ms);
    await setTimeout(REFILL_MS);
  }
  return [latency(samples), await rate(hello, program, rounds)];
}

function latency(samples: Samples): Measurement {
  const sorted = [...samples].sort((one, other) => one - other);
  const slowest = sorted[Math.floor(0.99 * (sorted.length - 1))] ?? Number.NaN;
  return {
    name: "hello as a job over HTTP",
    unit: "ms",
    note: "one after the other, each when cells wait",
    candidates: [{ name: "zerovm", samples }],
    verdicts: [
      atMost("ms in the middle", median(samples), BARS.middleMs),
      atMost("ms of the slowest of a hundred", slowest, BARS.slowestMs),
    ],
  };
}

/** Jobs a second beside sessions a second without a server, both in cells of a pool. */
async function rate(
  hello: () => Promise<void>,
  program: string,
  rounds: number,
): Promise<Measurement> {
  const [served, byHand]: number[][] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const servedMs = await timed(() => together(RATE_JOBS, hello));
    served?.push((RATE_JOBS * 1000) / servedMs);
    byHand?.push(rateByHand(program));
  }
  const part = median(served ?? []) / median(byHand ?? []);
  return {
    name: "jobs of a hello a second",
    unit: "jobs/s",
    isRate: true,
    note: `${TOGETHER} at a time`,
    candidates: [
      { name: "zerovm", samples: served ?? [] },
      { name: "sessions by hand", samples: byHand ?? [] },
    ],
    verdicts: [atLeast("part of the sessions by hand", part, BARS.rate)],
  };
}

function rateByHand(program: string): number {
  const words = [`${PEERS}/sessions.mjs`, program, "pool", String(TOGETHER), String(HAND_SECONDS)];
  const ran = spawnSync(process.execPath, words, { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`Sessions failed: ${ran.stderr}`);
  return JSON.parse(ran.stdout).rate;
}

async function together(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, one));
}
