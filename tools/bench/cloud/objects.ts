import { randomBytes } from "node:crypto";
import type { Measurement } from "../measurement.ts";
import { type Endpoint, must } from "./endpoint.ts";

const MIB = 2 ** 20;

interface Kind {
  readonly name: string;
  readonly bytes: number;
  /** Requests for each round. */
  readonly times: number;
}

const KINDS: readonly Kind[] = [
  { name: "small", bytes: 4096, times: 40 },
  { name: "large", bytes: 64 * MIB, times: 1 },
];

/** Uploads and downloads, in turns between the clouds; one request after the other. */
export async function measureObjects(
  clouds: readonly Endpoint[],
  rounds: number,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const cloud of clouds) await must(cloud, "PUT", "/bench");
  for (const kind of KINDS) {
    const bytes = randomBytes(kind.bytes);
    const puts = clouds.map((): number[] => []);
    const gets = clouds.map((): number[] => []);
    // The first round warms them up.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [at, cloud] of clouds.entries()) {
        for (let time = 0; time < kind.times; time += 1) {
          const path = `/bench/${kind.name}-${time}`;
          const put = await timed(() => must(cloud, "PUT", path, bytes));
          const get = await timed(async () => {
            const { body } = await must(cloud, "GET", path);
            if (body.length !== bytes.length) throw new Error(`${cloud.name} lost bytes`);
          });
          if (round === 0) continue;
          puts[at]?.push(put);
          gets[at]?.push(get);
        }
      }
    }
    for (const [verb, samples] of Object.entries({ PUT: puts, GET: gets })) {
      measurements.push({
        name: `${verb} of a ${kind.name} object`,
        unit: "ms",
        note: `${kind.bytes} bytes, one after the other over one connection`,
        candidates: clouds.map(({ name }, at) => ({ name, samples: samples[at] ?? [] })),
        verdicts: [],
      });
    }
  }
  return measurements;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
