import { describe, expect, it } from "vitest";
import { exitedReport } from "../../../../test/support/exited-report.ts";
import { groupOf, judgeText } from "../../../../test/support/judge-job.ts";
import type { Outcome, Report } from "../../../zerovm/report/index.ts";
import { HostBook, Placer, type Spot, type StorageHost } from "../../placement/index.ts";
import { instancesOf, PlanEnds } from "../../plan/index.ts";
import { type NodeSession, Refusal } from "../../run/index.ts";
import type { Hold } from "../orders/set-errand.ts";
import { HostGates } from "./host-gates.ts";
import { RemoteSet, type SeatTried } from "./remote-set.ts";
import type { Asked, Ticket } from "./seat-holder.ts";
import type { AttemptSeat } from "./set-attempt.ts";

const CAUSE_MS = 50;

function hostOf(name: string): StorageHost {
  return { ip: name, port: 1, device: "d1", region: 1, zone: 1, isHandoff: false };
}

/** Workers of two places each, and what they were told. */
class Workers {
  readonly holds: Hold[] = [];
  readonly released: string[] = [];

  async hold(_: Spot, hold: Hold): Promise<Asked> {
    this.holds.push(hold);
    const door = { port: 7 };
    return { kind: "answer", answer: { held: true, behind: false, places: 9, door } };
  }

  release(tickets: readonly Ticket[]): void {
    for (const { ticket } of tickets) this.released.push(ticket);
  }
}

/** Three nodes, each of which writes to the next one. */
async function startSet(signal = new AbortController().signal) {
  const groups = [
    groupOf({ name: "first", connect: ["second"] }),
    groupOf({ name: "second", connect: ["third"] }),
    groupOf({ name: "third", devices: [{ name: "stdout" }] }),
  ];
  const { plan } = await judgeText(groups, {});
  if (plan === undefined) throw new Error("no plan");
  const workers = new Workers();
  const book = new HostBook(() => 0);
  const hosts = ["a", "b"].map(hostOf);
  const view = {
    facts: () => undefined,
    located: () => undefined,
    anywhere: [{ partition: 1, hosts }],
  };
  const told: string[] = [];
  const instances = instancesOf(plan);
  const set = await RemoteSet.connect({
    instances,
    ends: new PlanEnds(plan),
    placer: new Placer(plan, view, book, "job"),
    everywhere: hosts.map((host) => ({ host, partition: 1, isLocal: false })),
    holder: workers,
    gates: new HostGates(),
    book,
    account: "a",
    tell: (text) => void told.push(text),
    signal,
    causeMs: CAUSE_MS,
  });
  return { set, instances, workers, told };
}

type Started = Awaited<ReturnType<typeof startSet>>;
/** What becomes of an instance in each attempt; the last is for ever. */
type Script = (seat: AttemptSeat, attempt: number) => Promise<SeatTried>;

async function runAll({ set, instances }: Started, scripts: Readonly<Record<string, Script>>) {
  const running = instances.map(async (instance) => {
    let attempt = 0;
    return await set.run(instance, async (seat) => {
      attempt += 1;
      return await (scripts[instance.node.name] ?? exits)(seat, attempt);
    });
  });
  return await Promise.allSettled(running);
}

function sessionOf(outcome: Outcome = { kind: "exited", code: 0 }): SeatTried {
  const report: Report = { ...exitedReport(), outcome };
  const session: NodeSession = { report, outputs: [], errorTail: "", wasValid: false };
  return { kind: "session", session };
}

function lostBy(cause: Extract<Outcome, { kind: "lost" }>["cause"]): Outcome {
  return { kind: "lost", cause, message: "It ended", code: 5 };
}

const exits: Script = async (seat) => {
  await seat.ready();
  seat.sent(true);
  return sessionOf();
};

/** Runs until its connection is closed. */
const runs: Script = async (seat) => {
  await seat.ready();
  seat.sent(true);
  return await new Promise((_, reject) => {
    seat.signal.addEventListener("abort", () => reject(seat.signal.reason));
  });
};

const lost: SeatTried = { kind: "lost", why: "it was lost" };

function statesOf(settled: readonly PromiseSettledResult<unknown>[]): string[] {
  return settled.map(({ status }) => status);
}

function messagesOf(settled: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return settled.map((one) => (one.status === "rejected" ? one.reason.message : one.status));
}

describe("a connected set in a cluster", () => {
  it("has all places before one order goes out, and each order says where the others are", async () => {
    const started = await startSet();
    const seats = new Map<string, AttemptSeat>();
    const settled = await runAll(started, {
      second: async (seat, attempt) => {
        seats.set("second", seat);
        return await exits(seat, attempt);
      },
    });
    started.set.close();
    expect(statesOf(settled)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    const { holds } = started.workers;
    expect(holds.map(({ id, reads }) => [id, reads.length])).toEqual([
      [1, 0],
      [2, 1],
      [3, 1],
    ]);
    const [{ set = "", key = "" } = {}] = holds;
    expect([set, key]).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
    const { ticket, wires } = seats.get("second")?.ordered ?? {};
    expect(ticket).toBe(holds[1]?.ticket);
    expect(wires?.map(({ name, way, device, peerName }) => [name, way, device, peerName])).toEqual([
      [`${set}/2>3`, "out", "out/third", "node third"],
      [`${set}/1>2`, "in", "in/first", "node first"],
    ]);
    expect(started.workers.released).toEqual([]);
  });

  it("is placed anew when a host is lost, with other tickets and another key", async () => {
    const started = await startSet();
    const settled = await runAll(started, {
      first: runsOnce,
      second: async (seat, attempt) => (attempt === 1 ? lost : await exits(seat, attempt)),
    });
    started.set.close();
    expect(statesOf(settled)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    const { holds, released } = started.workers;
    expect(new Set(holds.map(({ key }) => key)).size).toBe(2);
    expect(new Set(holds.map(({ ticket }) => ticket)).size).toBe(6);
    // Nobody came for them.
    expect(new Set(released)).toEqual(new Set(holds.slice(0, 3).map(({ ticket }) => ticket)));
    expect(started.told).toEqual(["A connected set is placed anew: it was lost"]);
  });

  it("runs again also where one of its nodes has ended well", async () => {
    const started = await startSet();
    let ended = 0;
    const settled = await runAll(started, {
      first: async (seat, attempt) => {
        ended += 1;
        return await exits(seat, attempt);
      },
      third: async (seat, attempt) => {
        if (attempt > 1) return await exits(seat, attempt);
        await seat.ready();
        seat.sent(true);
        return lost;
      },
    });
    started.set.close();
    expect([statesOf(settled), ended]).toEqual([["fulfilled", "fulfilled", "fulfilled"], 2]);
  });

  it("runs again once, and then says which node and which host was lost", async () => {
    const started = await startSet();
    let attempts = 0;
    const settled = await runAll(started, {
      third: async (seat) => {
        attempts += 1;
        await seat.ready();
        seat.sent(true);
        return lost;
      },
    });
    started.set.close();
    expect(attempts).toBe(2);
    expect(messagesOf(settled)).toEqual([
      "fulfilled",
      "fulfilled",
      expect.stringMatching(/^The host of third, r1z1-[0-9a-f]{6}, was lost: it was lost$/),
    ]);
  });

  it("is not run again where what one of them came to was told", async () => {
    const started = await startSet();
    const settled = await runAll(started, {
      first: async (seat) => {
        await seat.ready();
        return sessionOf({ kind: "exited", code: 1 });
      },
      second: async (seat) => {
        await seat.ready();
        return sessionOf(lostBy("cell"));
      },
      third: async (seat) => {
        await seat.ready();
        await new Promise((resolve) => setTimeout(resolve, CAUSE_MS));
        return lost;
      },
    });
    started.set.close();
    expect(statesOf(settled)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(started.workers.holds.length).toBe(3);
  });

  it("waits for the cause where a node only lost another one", async () => {
    const started = await startSet();
    const peerLost = sessionOf(lostBy("peer"));
    const settled = await runAll(started, {
      first: async (seat, attempt) => {
        await seat.ready();
        return attempt === 1 ? peerLost : sessionOf();
      },
      second: async (seat, attempt) => {
        if (attempt > 1) return await exits(seat, attempt);
        await seat.ready();
        await new Promise((resolve) => setTimeout(resolve, CAUSE_MS / 2));
        return lost;
      },
      third: async (seat, attempt) => {
        await seat.ready();
        return attempt === 1 ? { kind: "peer", why: "node second" } : sessionOf();
      },
    });
    started.set.close();
    expect(statesOf(settled)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  });

  it("says whom a node lost where nobody knows why", async () => {
    const started = await startSet();
    const settled = await runAll(started, {
      first: runs,
      second: async (seat) => {
        await seat.ready();
        return { kind: "peer", why: "node third: it did not come within 10 s" };
      },
      third: async (seat) => {
        await seat.ready();
        // As a job ends all of them when one of them was refused.
        setTimeout(() => started.set.close(), 3 * CAUSE_MS);
        return sessionOf();
      },
    });
    const message = "second was not connected with node third: it did not come within 10 s";
    expect(messagesOf(settled)).toEqual([expect.anything(), message, "fulfilled"]);
  });

  it("goes on without a node that has no order, where its job does", async () => {
    const started = await startSet();
    const gone = new Refusal(404, "The object is gone");
    const settled = await runAll(started, { first: async () => await Promise.reject(gone) });
    started.set.close();
    expect(messagesOf(settled)).toEqual(["The object is gone", "fulfilled", "fulfilled"]);
  });

  it("ends with its job, and gives back what nobody took", async () => {
    const ending = new AbortController();
    const started = await startSet(ending.signal);
    const running = runAll(started, { first: runs, second: runs, third: bringsForEver });
    await new Promise((resolve) => setTimeout(resolve, 10));
    const why = new Error("the client went away");
    ending.abort(why);
    const settled = await running;
    started.set.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(settled).toEqual(Array(3).fill({ status: "rejected", reason: why }));
    const tickets = started.workers.holds.map(({ ticket }) => ticket);
    expect(new Set(started.workers.released)).toEqual(new Set(tickets));
  });
});

const runsOnce: Script = async (seat, attempt) => {
  return attempt === 1 ? await runs(seat, attempt) : await exits(seat, attempt);
};

/** Is never ready. */
const bringsForEver: Script = async (seat) => {
  return await new Promise((_, reject) => {
    seat.signal.addEventListener("abort", () => reject(seat.signal.reason));
  });
};
