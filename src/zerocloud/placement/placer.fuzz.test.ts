import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterOf, hostNumber, type StoredForTest } from "../../../test/support/cluster-view.ts";
import { groupOf, judgeText } from "../../../test/support/judge-job.ts";
import type { Plan } from "../plan/index.ts";
import { HostBook, hostKey, type Placed, Placer } from "./index.ts";

const HOSTS = 12;
const numbers = fc.integer({ min: 1, max: HOSTS });
const OBJECTS = ["a", "b", "c", "d"] as const;

const stored: fc.Arbitrary<StoredForTest> = fc
  .record({
    all: fc.uniqueArray(numbers, { minLength: 1, maxLength: 6 }),
    sizeBytes: fc.integer({ min: 0, max: 1e9 }),
  })
  .map(({ all, sizeBytes }) => ({ on: all.slice(0, 3), handoffs: all.slice(3), sizeBytes }));

const clusters = fc.record({
  stored: fc.array(stored, { minLength: 4, maxLength: 4 }),
  anywhere: fc.uniqueArray(numbers, { minLength: 1 }),
  out: fc.uniqueArray(numbers),
  busy: fc.array(numbers, { maxLength: 40 }),
});

const groups = fc.array(
  fc.record({
    inputs: fc.uniqueArray(fc.constantFrom(...OBJECTS), { maxLength: 2 }),
    count: fc.integer({ min: 1, max: 8 }),
    replicate: fc.integer({ min: 0, max: 4 }),
    location: fc.option(fc.constantFrom("X", "Y"), { nil: undefined, freq: 2 }),
  }),
  { minLength: 1, maxLength: 4 },
);

type Groups = typeof groups extends fc.Arbitrary<infer Value> ? Value : never;
type Cluster = typeof clusters extends fc.Arbitrary<infer Value> ? Value : never;

async function planOf(made: Groups): Promise<Plan> {
  const job = made.map(({ inputs, ...group }, at) => {
    const devices = inputs.map((object, index) => {
      return { name: index === 0 ? "stdin" : "input", path: `swift://~/c/${object}` };
    });
    const all = devices.length === 0 ? [{ name: "stdout" }] : devices;
    return groupOf({ ...JSON.parse(JSON.stringify(group)), name: `g${at}`, devices: all });
  });
  const { plan, findings } = await judgeText(job, { objects: { "t/c": OBJECTS } });
  if (plan === undefined) throw new Error(JSON.stringify(findings));
  return plan;
}

function viewOf({ stored: all, anywhere }: Cluster) {
  const objects = Object.fromEntries(OBJECTS.map((name, at) => [`/t/c/${name}`, all[at]]));
  return clusterOf(objects as Record<string, StoredForTest>, anywhere);
}

function bookOf({ out, busy }: Cluster): HostBook {
  const book = new HostBook(() => 0);
  for (const number of out) book.failed(hostNumber(number));
  for (const number of busy) book.enter(hostNumber(number), 1000);
  return book;
}

/** Each instance as it was placed, with the load that each host had just before. */
function placedOneByOne(plan: Plan, cluster: Cluster) {
  const book = bookOf(cluster);
  const placer = new Placer(plan, viewOf(cluster), book, "job");
  const planned = new Map<string, number>();
  const loadAt = (key: string) => (planned.get(key) ?? 0) + book.loadAt(key).sessions;
  return placer.instances.map((instance) => {
    const placed = placer.place(instance);
    const loads = new Map(placed.spots.map(({ host }) => [hostKey(host), loadAt(hostKey(host))]));
    const [first] = placed.spots;
    if (first === undefined) throw new Error("an instance has no host");
    const key = hostKey(first.host);
    planned.set(key, (planned.get(key) ?? 0) + 1);
    return { placed, first, key, loads };
  });
}

const jobs = fc.tuple(groups, clusters);

async function assertOf(judge: (plan: Plan, cluster: Cluster) => void): Promise<void> {
  const property = fc.asyncProperty(jobs, async ([made, cluster]) => {
    judge(await planOf(made), cluster);
  });
  await fc.assert(property, { numRuns: 200 });
}

describe("Placer, whatever the job and the cluster", () => {
  it("never tries a host that is out while another is in, nor one twice", async () => {
    await assertOf((plan, cluster) => {
      const out = new Set(cluster.out.map((number) => hostKey(hostNumber(number))));
      for (const { placed } of placedOneByOne(plan, cluster)) {
        const keys = placed.spots.map(({ host }) => hostKey(host));
        const states = keys.map((key) => out.has(key));
        expect(states).toEqual([...states].sort());
        expect(new Set(keys).size).toBe(keys.length);
      }
    });
  });

  it("places the same job over the same state the same", async () => {
    await assertOf((plan, cluster) => {
      expect(placedOneByOne(plan, cluster)).toEqual(placedOneByOne(plan, cluster));
    });
  });

  it("takes the least busy replica that is in, if there is one", async () => {
    await assertOf((plan, cluster) => {
      for (const { placed, first, loads, key } of placedOneByOne(plan, cluster)) {
        const { node } = placed.instance;
        const replicas = primariesIn(placed, cluster);
        if (node.location !== undefined || node.instances.length > 1) continue;
        if (replicas.length === 0) continue;
        expect(first).toMatchObject({ isLocal: true, host: { isHandoff: false } });
        expect(loads.get(key)).toBe(Math.min(...replicas.map((one) => loads.get(one) ?? 0)));
      }
    });
  });

  it("keeps copies of a node apart, as far as there are hosts", async () => {
    await assertOf((plan, cluster) => {
      const used = new Map<number, Set<string>>();
      for (const { placed, key } of placedOneByOne(plan, cluster)) {
        const { node } = placed.instance;
        const taken = used.get(node.id) ?? new Set<string>();
        used.set(node.id, taken);
        if (node.location === undefined && taken.has(key)) {
          const others = placed.spots.map(({ host }) => hostKey(host));
          const free = others.filter((one) => isIn(one, cluster) && !taken.has(one));
          expect(free).toEqual([]);
        }
        taken.add(key);
      }
    });
  });

  it("keeps instances with one label on one host that is in", async () => {
    await assertOf((plan, cluster) => {
      const hosts = new Map<string, Set<string>>();
      for (const { placed, key } of placedOneByOne(plan, cluster)) {
        const { label } = placed.instance;
        if (label !== undefined) hosts.set(label, (hosts.get(label) ?? new Set()).add(key));
      }
      for (const keys of hosts.values()) {
        if ([...keys].every((key) => isIn(key, cluster))) expect(keys.size).toBe(1);
      }
    });
  });

  it("spreads nodes over the replicas of one object evenly", async () => {
    const plan = (count: number) =>
      planOf([{ inputs: ["a"], count, replicate: 0, location: undefined }]);
    const counts = fc.integer({ min: 1, max: 60 });
    const judge = async (count: number, cluster: Cluster) => {
      const idle = { ...cluster, out: [], busy: [] };
      const loads = new Map<string, number>();
      for (const { placed, key } of placedOneByOne(await plan(count), idle)) {
        for (const one of primariesIn(placed, idle)) loads.set(one, loads.get(one) ?? 0);
        loads.set(key, (loads.get(key) ?? 0) + 1);
      }
      expect(Math.max(...loads.values()) - Math.min(...loads.values())).toBeLessThanOrEqual(1);
    };
    await fc.assert(fc.asyncProperty(counts, clusters, judge), { numRuns: 100 });
  });
});

function isIn(key: string, { out }: Cluster): boolean {
  return !out.some((number) => hostKey(hostNumber(number)) === key);
}

function primariesIn({ spots }: Placed, cluster: Cluster): string[] {
  const primaries = spots.filter(({ isLocal, host }) => isLocal && !host.isHandoff);
  return primaries.map(({ host }) => hostKey(host)).filter((key) => isIn(key, cluster));
}
