import { setMaxListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { HostBook, type Placed, type Spot, type StorageHost } from "../../placement/index.ts";
import type { Instance } from "../../plan/index.ts";
import type { Hold } from "../orders/set-errand.ts";
import { Gathering, type Member } from "./gathering.ts";
import { HostGates } from "./host-gates.ts";
import { HostLost } from "./object-servers.ts";
import type { Asked, Ticket } from "./seat-holder.ts";
import { Tries } from "./tries.ts";

/** Workers that hold places, as real ones do; they forget nothing. */
class Workers {
  readonly places: Readonly<Record<string, number>>;
  readonly tickets = new Map<string, { readonly name: string; readonly since: number }>();
  readonly lost = new Set<string>();
  /** That hold a place, and do not say so in time. */
  readonly late = new Set<string>();
  /** That take longer, once. */
  readonly slow = new Set<string>();
  asked = 0;

  constructor(places: Readonly<Record<string, number>>) {
    this.places = places;
  }

  async hold({ host }: Spot, { ticket, since }: Hold): Promise<Asked> {
    this.asked += 1;
    const ms = this.slow.delete(host.ip) ? 400 : 1;
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (this.lost.has(host.ip)) throw new HostLost("gone");
    const places = this.places[host.ip] ?? 0;
    if (this.late.has(host.ip)) {
      this.tickets.set(ticket, { name: host.ip, since });
      throw new HostLost("it does not answer");
    }
    const held = this.heldAt(host.ip) < places;
    const others = [...this.tickets.values()].filter(({ name }) => name === host.ip);
    const behind = !held && others.some((one) => one.since < since);
    if (held) this.tickets.set(ticket, { name: host.ip, since });
    return { kind: "answer", answer: { held, behind, places, door: { port: 7 } } };
  }

  release(tickets: readonly Ticket[]): void {
    for (const { ticket } of tickets) this.tickets.delete(ticket);
  }

  heldAt(name: string): number {
    return [...this.tickets.values()].filter((one) => one.name === name).length;
  }
}

/** Of the set that came last. */
let since = 0;

function hostOf(name: string): StorageHost {
  return { ip: name, port: 1, device: "d1", region: 1, zone: 1, isHandoff: false };
}

/** Instances that may run at any of the workers, in this order. */
function membersOf(count: number, names: readonly string[]): Member[] {
  since += 1;
  return Array.from({ length: count }, (_, at) => {
    const id = at + 1;
    const instance = { id, node: { name: `n${id}` }, copy: 0, isLeader: false };
    const spots = names.map((name) => ({ host: hostOf(name), partition: 1, isLocal: false }));
    const beside = { kind: "anywhere", words: "" } as const;
    const placed: Placed = { instance: instance as unknown as Instance, beside, spots, why: "" };
    const hold = { id, set: "s", since, key: "k", reads: [] };
    return { instance: placed.instance, tries: new Tries(placed, 0), hold };
  });
}

function gatheringOf(count: number, workers: Workers, gates = new HostGates()): Gathering {
  const book = new HostBook(() => 0);
  const members = membersOf(count, Object.keys(workers.places));
  return new Gathering(members, { holder: workers, gates, book, account: "a", tell: () => {} });
}

const never = new AbortController().signal;
setMaxListeners(0, never);

async function refusalOf(gathering: Gathering) {
  return await gathering.gather(never).catch((error: unknown) => error);
}

describe("places for a connected set", () => {
  it("are had for all of it, at several workers", async () => {
    const workers = new Workers({ a: 2, b: 2, c: 2 });
    const seats = await gatheringOf(6, workers).gather(never);
    expect(seats.map(({ member }) => member.instance.id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect([workers.heldAt("a"), workers.heldAt("b"), workers.heldAt("c")]).toEqual([2, 2, 2]);
    expect(seats[0]?.door).toEqual({ host: "a", port: 7 });
  });

  it("are never so many: that is said at once, and nothing is kept", async () => {
    const workers = new Workers({ a: 2, b: 1 });
    const message = "The job needs 4 places at the same time; all workers together have 3";
    const told = { code: "ZVM_JOB_SLOTS", message };
    expect(await refusalOf(gatheringOf(4, workers))).toMatchObject(told);
    expect(workers.tickets.size).toBe(0);
  });

  it("are had elsewhere where a host is lost", async () => {
    const workers = new Workers({ a: 2, b: 2 });
    workers.lost.add("a");
    const seats = await gatheringOf(2, workers).gather(never);
    expect(seats.map(({ spot }) => spot.host.ip)).toEqual(["b", "b"]);
  });

  it("are not left behind at a host that holds them and does not say so in time", async () => {
    const workers = new Workers({ a: 2, b: 2 });
    workers.late.add("a");
    const seats = await gatheringOf(2, workers).gather(never);
    expect(seats.map(({ spot }) => spot.host.ip)).toEqual(["b", "b"]);
    expect(workers.heldAt("a")).toBe(0);
  });

  it("are too few where hosts are lost: that is no fault of the job", async () => {
    const workers = new Workers({ a: 2, b: 2 });
    workers.lost.add("a");
    const message = "The job needs 3 places at the same time, and all workers that answer have 2";
    expect(await refusalOf(gatheringOf(3, workers))).toMatchObject({ status: 503, message });
  });

  it("are refused where every host is lost, with what the last one said", async () => {
    const workers = new Workers({ a: 2 });
    workers.lost.add("a");
    const message = expect.stringMatching(
      /^No storage host could run n1; the last, .*: it was lost/,
    );
    expect(await refusalOf(gatheringOf(1, workers))).toMatchObject({ status: 503, message });
  });

  it("are had also where a host takes longer to answer than others are held at first", async () => {
    const workers = new Workers({ a: 2, b: 2 });
    workers.slow.add("a");
    const seats = await gatheringOf(2, workers).gather(never);
    await expect.poll(() => workers.tickets.size).toBe(2);
    expect(seats.length).toBe(2);
  });

  it("come when others give theirs back", async () => {
    const workers = new Workers({ a: 2 });
    const first = await gatheringOf(2, workers).gather(never);
    const second = gatheringOf(2, workers).gather(never);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(workers.heldAt("a")).toBe(2);
    workers.release(first);
    for (const seat of first) seat.leave();
    expect((await second).length).toBe(2);
  });

  it("are given back when the job ends while they are gathered", async () => {
    const workers = new Workers({ a: 1, b: 1 });
    const session = { name: "a", since: Number.MAX_VALUE };
    workers.tickets.set("session", session);
    const ending = new AbortController();
    const gathering = gatheringOf(2, workers).gather(ending.signal);
    await expect.poll(() => workers.tickets.size).toBe(2);
    ending.abort(new Error("the client went away"));
    await expect(gathering).rejects.toThrow("the client went away");
    expect([...workers.tickets.values()]).toEqual([session]);
  });

  it("go to all sets in the end, however many want the same ones", async () => {
    const workers = new Workers({ a: 2, b: 2, c: 2 });
    // Each has gates of its own, as sets of other coordinators have.
    const sets = Array.from({ length: 6 }, async () => {
      const seats = await gatheringOf(4, workers).gather(never);
      expect(seats.length).toBe(4);
      await new Promise((resolve) => setTimeout(resolve, 20));
      workers.release(seats);
      for (const seat of seats) seat.leave();
    });
    await Promise.all(sets);
    expect(workers.tickets.size).toBe(0);
  }, 60_000);

  it("go to a large set beside many small jobs that never stop", async () => {
    const workers = new Workers({ a: 2, b: 2 });
    const gates = new HostGates();
    let isOver = false;
    const spots = ["a", "b"].map((name) => ({ host: hostOf(name), partition: 1, isLocal: false }));
    const single = async (at: number): Promise<void> => {
      for (let turn = 0; !isOver; turn += 1) {
        const wish = { places: () => spots, account: "a", signal: never };
        const { spot, leave } = await gates.enter(wish);
        const ticket = `${at} ${turn}`;
        const hold = { ticket, id: 1, set: "", since: Number.MAX_VALUE, key: "", reads: [] };
        const asked = await workers.hold(spot, hold);
        const isIn = asked.kind === "answer" && asked.answer.held;
        if (isIn) await new Promise((resolve) => setTimeout(resolve, 20));
        workers.release([{ host: spot.host, partition: 1, ticket }]);
        leave(!isIn);
      }
    };
    const singles = Array.from({ length: 12 }, (_, at) => single(at));
    const seats = await gatheringOf(4, workers, gates).gather(never);
    isOver = true;
    workers.release(seats);
    for (const seat of seats) seat.leave();
    await Promise.all(singles);
    expect(seats.length).toBe(4);
  }, 60_000);
});
