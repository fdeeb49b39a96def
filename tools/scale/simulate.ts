import { createHash } from "node:crypto";
import {
  type ClusterView,
  deviceKey,
  HostBook,
  hostKey,
  type ItemFacts,
  itemsToKnow,
  itemsToLocate,
  type Located,
  type Placed,
  Placer,
} from "../../src/zerocloud/placement/index.ts";
import { type Plan, pathOfItem, type StoredItem } from "../../src/zerocloud/plan/index.ts";
import { Random } from "../soak/random.ts";
import type { Ring } from "./ring.ts";
import { objectNames, objectSizes, planOver } from "./synthetic-job.ts";
import { type Traffic, TrafficCount } from "./traffic.ts";

export interface SimulationOptions {
  readonly objects: number;
  readonly seed: number;
  /** Shares of the hosts that are out, each a run of its own. */
  readonly outShares: readonly number[];
}

/** Work over the hosts that do some or could: the busiest one against the mean. */
export interface Balance {
  readonly max: number;
  readonly mean: number;
}

/** What came of one share of hosts that are out: the same for the same seed, but for `placing`. */
export interface SimulatedRun {
  readonly outShare: number;
  readonly hostsIn: number;
  readonly hostsUsed: number;
  /** Nodes that run where their input lies, on a handoff, and elsewhere. */
  readonly local: number;
  readonly handoff: number;
  readonly elsewhere: number;
  readonly sessions: Balance;
  /** Sessions, had each node gone to any replica that is in. */
  readonly drawnSessions: Balance;
  readonly bytes: Balance;
  readonly traffic: Traffic;
  /** SHA-256 of all instances with their hosts and reasons. */
  readonly digest: string;
  readonly placing: Took;
}

/** The most memory of the process until some moments. */
export interface Peaks {
  readonly before: number;
  readonly planned: number;
  readonly placed: number;
}

export interface Simulation {
  readonly objects: number;
  readonly seed: number;
  readonly storedBytes: number;
  readonly largestBytes: number;
  readonly planning: Took;
  /** Looking up objects in the ring, which a coordinator asks proxies for. */
  readonly looking: Took;
  readonly peakBytes: {
    readonly before: number;
    readonly planned: number;
    readonly placed: number;
  };
  readonly runs: readonly SimulatedRun[];
}

/** Plans and places a job over one object a node, and counts what that would move. */
export async function simulate(ring: Ring, options: SimulationOptions): Promise<Simulation> {
  const { objects, seed, outShares } = options;
  const names = objectNames(objects);
  const sizes = objectSizes(objects, seed);
  const before = peakBytes();
  const [plan, planning] = await timed(() => planOver(names));
  const planned = peakBytes();
  const [cluster, looking] = await timed(async () => viewOf(plan, ring, sizes));
  const runs: SimulatedRun[] = [];
  let placed = planned;
  for (const outShare of outShares) {
    const book = bookOf(ring, outShare, seed);
    const [placement, placing] = await timed(async () => {
      return new Placer(plan, cluster, book, `job ${seed}`).placeAll();
    });
    // The first run alone is what one job takes.
    if (runs.length === 0) placed = peakBytes();
    runs.push({ outShare, placing, ...judge(placement, ring, book, seed) });
  }
  const storedBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const largestBytes = sizes.reduce((one, other) => Math.max(one, other), 0);
  const peaks = { before, planned, placed };
  return { objects, seed, storedBytes, largestBytes, planning, looking, peakBytes: peaks, runs };
}

/** What a coordinator gathers before it places: sizes, and hosts from the ring. */
function viewOf(plan: Plan, ring: Ring, sizes: Float64Array): ClusterView {
  const facts = new Map<string, ItemFacts>();
  for (const [at, item] of itemsToKnow(plan).entries()) {
    facts.set(pathOfItem(item), { sizeBytes: sizes[at] ?? 0 });
  }
  const known = { facts: (item: StoredItem) => facts.get(pathOfItem(item)) };
  const located = new Map<string, Located>();
  for (const item of itemsToLocate(plan, known)) {
    const path = pathOfItem(item);
    located.set(path, ring.locate(ring.partitionOf(path)));
  }
  const anywhere = ring.some(2 * ring.hosts.length);
  return { ...known, located: (item) => located.get(pathOfItem(item)), anywhere };
}

function bookOf(ring: Ring, outShare: number, seed: number): HostBook {
  const book = new HostBook(() => 0);
  const random = new Random(seed + 1);
  const hosts = [...ring.hosts];
  for (let out = Math.round(outShare * hosts.length); out > 0; out -= 1) {
    const [host] = hosts.splice(random.below(hosts.length), 1);
    if (host !== undefined) book.failed(host);
  }
  return book;
}

type Judged = Omit<SimulatedRun, "outShare" | "placing">;

function judge(placement: readonly Placed[], ring: Ring, book: HostBook, seed: number): Judged {
  const hostsIn = ring.hosts.filter((host) => book.outUntilMs(host) === 0);
  const [sessions, drawn, bytes] = [new Loads(), new Loads(), new Loads()];
  const random = new Random(seed + 2);
  const traffic = new TrafficCount();
  const digest = createHash("sha256");
  const counts = { local: 0, handoff: 0, elsewhere: 0 };
  for (const placed of placement) {
    const [spot] = placed.spots;
    if (spot === undefined) throw new Error("An instance has no host");
    const sizeBytes = placed.beside.kind === "object" ? placed.beside.sizeBytes : 0;
    const isPrimary = spot.isLocal && !spot.host.isHandoff;
    counts[isPrimary ? "local" : spot.isLocal ? "handoff" : "elsewhere"] += 1;
    sessions.add(hostKey(spot.host), 1);
    bytes.add(hostKey(spot.host), sizeBytes);
    traffic.add(placed, spot, sizeBytes);
    const replicas = placed.spots.filter(({ isLocal, host }) => {
      return isLocal && !host.isHandoff && book.outUntilMs(host) === 0;
    });
    const any = replicas[random.below(Math.max(1, replicas.length))] ?? spot;
    drawn.add(hostKey(any.host), 1);
    const hosts = placed.spots.map(({ host }) => deviceKey(host)).join(" ");
    digest.update(`${placed.instance.id} ${hosts} ${placed.why}\n`);
  }
  return {
    hostsIn: hostsIn.length,
    hostsUsed: sessions.size,
    ...counts,
    sessions: sessions.balance(hostsIn.length),
    drawnSessions: drawn.balance(hostsIn.length),
    bytes: bytes.balance(hostsIn.length),
    traffic: traffic.traffic(),
    digest: digest.digest("hex"),
  };
}

class Loads {
  readonly #loads = new Map<string, number>();

  get size(): number {
    return this.#loads.size;
  }

  add(key: string, load: number): void {
    this.#loads.set(key, (this.#loads.get(key) ?? 0) + load);
  }

  balance(hosts: number): Balance {
    let [max, sum] = [0, 0];
    for (const load of this.#loads.values()) [max, sum] = [Math.max(max, load), sum + load];
    return { max, mean: sum / Math.max(1, hosts) };
  }
}

/** Time of the clock, and of the processors, collection of garbage included. */
export interface Took {
  readonly wallMs: number;
  readonly processorMs: number;
}

async function timed<Value>(work: () => Promise<Value>): Promise<[Value, Took]> {
  const start = process.cpuUsage();
  const startMs = performance.now();
  const value = await work();
  const { user, system } = process.cpuUsage(start);
  return [value, { wallMs: performance.now() - startMs, processorMs: (user + system) / 1000 }];
}

/** The most memory that this process has had so far. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
