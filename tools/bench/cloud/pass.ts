import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { type BenchFolder, PEERS } from "../bench-folder.ts";
import type { Measurement } from "../measurement.ts";
import { atLeast, median } from "../statistics.ts";
import { type Endpoint, must } from "./endpoint.ts";
import { FILTER, filterInput } from "./filter-guest.ts";
import { execute, jobOf } from "./jobs.ts";
import { timed } from "./objects.ts";

const OBJECTS = 64;
const OBJECT_BYTES = 16e6;
const BAR = 0.8;

/** One pass of a filter over many objects, by a job and by sessions over files. */
export async function measurePass(
  place: BenchFolder,
  cloud: Endpoint,
  rounds: number,
): Promise<Measurement> {
  const program = await place.guest("filter", FILTER);
  const bytes = Buffer.concat([...filterInput(OBJECT_BYTES)]);
  const folder = place.path("pass");
  mkdirSync(folder);
  for (const name of ["pass", "filters"]) await must(cloud, "PUT", `/${name}`);
  await must(cloud, "PUT", "/filters/filter.wasm", readFileSync(program));
  for (let at = 0; at < OBJECTS; at += 1) {
    await must(cloud, "PUT", `/pass/${at}`, bytes);
    place.write(`pass/${at}`, bytes);
  }
  const job = jobOf("swift://~/filters/filter.wasm", { stdin: "swift://~/pass/*" });
  const [served, byHand]: number[][] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const ms = await timed(async () => {
      const kept = await execute(cloud, job);
      if (kept.length * 10 !== OBJECTS * OBJECT_BYTES) throw new Error(`Kept ${kept.length} bytes`);
    });
    const handMs = passByHand(program, folder);
    if (round === 0) continue;
    served?.push(ms);
    byHand?.push(handMs);
  }
  return {
    name: `pass over ${OBJECTS} objects of 16 MB`,
    unit: "ms",
    note: "a filter that keeps a tenth, two sessions at a time by hand",
    candidates: [
      { name: "zerovm", samples: served ?? [] },
      { name: "sessions by hand", samples: byHand ?? [] },
    ],
    verdicts: [
      atLeast("part of the speed by hand", median(byHand ?? []) / median(served ?? []), BAR),
    ],
  };
}

function passByHand(program: string, folder: string): number {
  const words = [`${PEERS}/pass.mjs`, program, folder];
  const ran = spawnSync(process.execPath, words, { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`Sessions failed: ${ran.stderr}`);
  return Number(ran.stdout);
}
