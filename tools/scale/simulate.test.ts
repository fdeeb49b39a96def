import { describe, expect, it } from "vitest";
import { hostKey } from "../../src/zerocloud/placement/index.ts";
import { formatSimulation } from "./format.ts";
import { REPLICAS, Ring } from "./ring.ts";
import { type SimulatedRun, simulate } from "./simulate.ts";

const OUT_SHARES = [0, 0.1];

async function runsOf(seed: number): Promise<Omit<SimulatedRun, "placing">[]> {
  const simulation = await simulate(new Ring(100, seed), {
    objects: 1000,
    seed,
    outShares: OUT_SHARES,
  });
  return simulation.runs.map(({ placing: _, ...run }) => run);
}

describe("simulate", () => {
  it("is the same for the same seed, and another for another", async () => {
    const [first, again, other] = [await runsOf(1), await runsOf(1), await runsOf(2)];
    expect(again).toEqual(first);
    expect(other.map(({ digest }) => digest)).not.toEqual(first.map(({ digest }) => digest));
  });

  it("runs nodes beside their objects, evenly, and moves little", async () => {
    const ring = new Ring(100, 1);
    const options = { objects: 1000, seed: 1, outShares: OUT_SHARES };
    const simulation = await simulate(ring, options);
    const [all, some] = simulation.runs;
    if (all === undefined || some === undefined) throw new Error("There are no runs");
    expect(all).toMatchObject({ hostsIn: 100, hostsUsed: 100, local: 1000, handoff: 0 });
    expect(all.sessions.mean).toBe(10);
    expect(all.sessions.max).toBeLessThan(all.drawnSessions.max);
    expect(some.hostsIn).toBe(90);
    expect(some.hostsUsed).toBe(90);
    // All three replicas of an object are out for one in a thousand.
    expect(some.local).toBeGreaterThan(990);
    expect(some.local + some.handoff + some.elsewhere).toBe(1000);
    // The program alone goes to each host, and is most of what moves.
    expect(all.traffic.programs).toBe(100 * 2_000_000);
    expect(all.traffic.total).toBeLessThan(simulation.storedBytes / 20);
    expect(formatSimulation(ring, simulation)).toContain("moving the data instead");
  });
});

describe("Ring", () => {
  const ring = new Ring(50, 7);
  const located = Array.from({ length: 2 ** ring.partPower }, (_, at) => ring.locate(at));

  it("keeps replicas in different zones, and handoffs on further hosts", () => {
    for (const { hosts } of located) {
      const primaries = hosts.filter(({ isHandoff }) => !isHandoff);
      expect(new Set(primaries.map(({ zone }) => zone)).size).toBe(REPLICAS);
      expect(new Set(hosts.map(hostKey)).size).toBe(2 * REPLICAS);
    }
  });

  it("gives each device as much as any other, nearly", () => {
    const counts = new Map<string, number>();
    for (const { hosts } of located) {
      for (const host of hosts.slice(0, REPLICAS)) {
        const name = `${hostKey(host)} ${host.device}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(ring.deviceCount);
    const [least, most] = [Math.min(...counts.values()), Math.max(...counts.values())];
    expect(most - least).toBeLessThanOrEqual(Math.ceil(least / 20));
  });

  it("places an object by the MD5 of its path, as Swift does", () => {
    // The MD5 of prefix/a/c/osuffix begins with 170ce5ba, and its first bits are the partition.
    expect(ring.partPower).toBe(12);
    expect(ring.partitionOf("/a/c/o")).toBe(0x170);
  });
});
