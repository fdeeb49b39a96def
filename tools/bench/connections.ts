import type { BenchFolder } from "./bench-folder.ts";
import { measureChannelStarts, measureExchange } from "./connections/groups.ts";
import { measureLatency } from "./connections/latency.ts";
import { measureNetwork } from "./connections/network.ts";
import { measurePipe } from "./connections/pipe.ts";
import type { Measurement } from "./measurement.ts";

/** What sandboxes that talk to each other cost, on one host and over TCP. */
export async function measureConnections(
  place: BenchFolder,
  rounds: number,
): Promise<Measurement[]> {
  return [
    await measurePipe(place, rounds),
    await measureLatency(place, rounds),
    await measureNetwork(place, rounds),
    measureExchange(place, rounds),
    await measureChannelStarts(place, rounds),
  ];
}
