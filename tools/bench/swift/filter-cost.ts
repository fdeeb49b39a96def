import { type SwiftCluster, serversOf, startCluster } from "../../swift/index.ts";
import { type Endpoint, must, signIn } from "../cloud/endpoint.ts";
import type { Measurement } from "../measurement.ts";
import { atMost, median } from "../statistics.ts";
import { cpuSecondsOf } from "./cpu-time.ts";

const OBJECT = Buffer.alloc(1024, "a line of an object\n");
/** Requests of one turn. */
const TURN = 25;
/** Turns of each cluster in a round, one after the other. */
const TURNS = 16;
const BAR = 1.03;
const KINDS = ["GET", "PUT"] as const;

/** Ordinary requests to two clusters, of which one has our filters and no jobs, in turns. */
export async function measureFilterCost(rounds: number): Promise<Measurement[]> {
  const shared = { processes: { proxy: 1, storage: 1 }, logLevel: "ERROR" } as const;
  const plain = await startCluster({ ...shared, filters: false });
  try {
    const filtered = await startCluster({ ...shared, withoutJobs: true });
    try {
      const sides = [await side("without", plain), await side("with", filtered)] as const;
      return [await measure("GET", sides, rounds), await measure("PUT", sides, rounds)];
    } finally {
      await filtered.stop();
    }
  } finally {
    await plain.stop();
  }
}

interface Side {
  readonly name: string;
  readonly endpoint: Omit<Endpoint, "stop">;
  readonly pids: readonly number[];
}

async function side(name: string, cluster: SwiftCluster): Promise<Side> {
  const { name: user, key } = cluster.users.tester;
  const endpoint = await signIn(name, cluster.url, { user, key });
  await must(endpoint, "PUT", "/box");
  for (let at = 0; at < TURN; at += 1) await must(endpoint, "PUT", `/box/${at}`, OBJECT);
  return { name, endpoint, pids: serversOf(cluster).flatMap((server) => server.pids) };
}

async function measure(
  kind: (typeof KINDS)[number],
  [plain, filtered]: readonly [Side, Side],
  rounds: number,
): Promise<Measurement> {
  const times: Record<string, number[]> = { without: [], with: [] };
  const cpu: Record<string, number> = { without: 0, with: 0 };
  for (let turn = 0; turn <= rounds * TURNS; turn += 1) {
    // Whoever comes second finds the machine as the first left it: they change places.
    const order = turn % 2 === 0 ? [plain, filtered] : [filtered, plain];
    for (const { name, endpoint, pids } of order) {
      const before = cpuSecondsOf(pids);
      const startMs = performance.now();
      for (let at = 0; at < TURN; at += 1) {
        await must(endpoint, kind, `/box/${at}`, kind === "PUT" ? OBJECT : "");
      }
      if (turn === 0) continue;
      times[name]?.push((performance.now() - startMs) / TURN);
      cpu[name] = (cpu[name] ?? 0) + cpuSecondsOf(pids) - before;
    }
  }
  const { without = [], with: ours = [] } = times;
  const pairs = ours.map((ms, at) => ms / (without[at] ?? ms));
  const cpuRatio = (cpu["with"] ?? 0) / (cpu["without"] ?? 1);
  return {
    name: `${kind} of 1 KiB in a cluster of Swift`,
    unit: "ms",
    note: `two clusters in turns of ${TURN}; processor time of all servers ${cpuRatio.toFixed(3)}`,
    candidates: [
      { name: "with our filters", samples: ours },
      { name: "without", samples: without },
    ],
    verdicts: [atMost("with filters / without", median(pairs), BAR)],
  };
}
