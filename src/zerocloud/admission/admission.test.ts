import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZvmError } from "../../base/index.ts";
import {
  type AccountLimits,
  Admission,
  type EnterRequest,
  JobBusy,
  JobIds,
  parsePools,
  type Release,
  STANDARD_POOLS,
} from "./index.ts";

function poolsOf(text: string) {
  const pools = parsePools(text);
  if ("fault" in pools) throw new Error(pools.fault);
  return pools;
}

/** A door whose events are written down: `+ID` in, `!ID` refused. */
class Door {
  readonly events: string[] = [];
  readonly releases = new Map<string, Release>();
  nowMs = 0;
  readonly admission: Admission;

  constructor(pools: string, accounts?: AccountLimits) {
    const limits = accounts === undefined ? {} : { accounts };
    this.admission = new Admission({ pools: poolsOf(pools), nowMs: () => this.nowMs, ...limits });
  }

  /** Sends requests, `ACCOUNT/ID` each, and waits until what can happen has. */
  async send(names: readonly string[], fields: Partial<EnterRequest> = {}): Promise<string[]> {
    for (const name of names) {
      const [account = "", jobId = ""] = name.split("/");
      this.admission.enter({ jobId, account, pool: "default", ...fields }).then(
        (release) => {
          this.events.push(`+${name}`);
          this.releases.set(name, release);
        },
        (error) => this.events.push(error instanceof JobBusy ? `!${name}` : `?${name}`),
      );
      await this.#rest();
    }
    return this.settle();
  }

  async end(...names: string[]): Promise<string[]> {
    for (const name of names) {
      this.releases.get(name)?.();
      await this.#rest();
    }
    return this.settle();
  }

  async #rest(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }

  async settle(): Promise<string[]> {
    await this.#rest();
    return this.events.splice(0);
  }
}

describe("WaitPool", () => {
  it("runs so many, lets so many wait, and refuses newer ones", async () => {
    const door = new Door("default = WaitPool(2,3)");
    expect(await door.send(["a/1", "a/2", "a/3", "a/4", "a/5"])).toEqual(["+a/1", "+a/2"]);
    expect(await door.send(["a/6"])).toEqual(["!a/6"]);
    expect(await door.end("a/1")).toEqual(["+a/3"]);
    expect(await door.send(["a/7", "a/8"])).toEqual(["!a/8"]);
    expect(door.admission.use()).toEqual([{ name: "default", running: 2, waiting: 3 }]);
  });

  it("never refuses a job as old as one that was admitted", async () => {
    const door = new Door("default = WaitPool(1,1)");
    expect(await door.send(["a/5", "a/6", "a/7"])).toEqual(["+a/5", "!a/7"]);
    expect(await door.send(["a/6", "a/3", "a/5"])).toEqual([]);
    expect(door.admission.use()).toMatchObject([{ waiting: 4 }]);
    expect(await door.end("a/5")).toEqual(["+a/3"]);
  });

  it("lets nobody wait where it has no room", async () => {
    const door = new Door("default = WaitPool(1,0)");
    expect(await door.send(["a/1", "b/2"])).toEqual(["+a/1", "!b/2"]);
  });
});

describe("PriorityPool", () => {
  it("takes newer jobs while few run, and parts of older ones up to its slots", async () => {
    const door = new Door("default = PriorityPool(2,4)");
    expect(await door.send(["a/1", "a/2", "a/3"])).toEqual(["+a/1", "+a/2", "!a/3"]);
    expect(await door.send(["a/2", "a/1", "a/2"])).toEqual(["+a/2", "+a/1"]);
    expect(await door.end("a/1")).toEqual(["+a/2"]);
  });

  it("gives all slots of connected nodes at once", async () => {
    const door = new Door("default = PriorityPool(2,4)");
    expect(await door.send(["a/1"], { slots: 3 })).toEqual(["+a/1"]);
    expect(await door.send(["b/2"], { slots: 3 })).toEqual([]);
    // Small ones do not pass it: it would wait for ever.
    expect(await door.send(["c/0"])).toEqual([]);
    expect(await door.end("a/1")).toEqual(["+b/2", "+c/0"]);
  });

  it("refuses for good what it never has so many slots for", async () => {
    const door = new Door("default = PriorityPool(2,4)");
    const request = { jobId: "1", account: "a", pool: "default", slots: 5 };
    await expect(door.admission.enter(request)).rejects.toMatchObject({ code: "ZVM_JOB_SLOTS" });
  });
});

describe("accounts", () => {
  it("take turns, also those that run, and in each the oldest job is first", async () => {
    const door = new Door("default = WaitPool(1,10)");
    await door.send(["a/1", "a/2", "a/4", "a/3", "b/5", "c/6", "b/7"]);
    const order: string[] = [];
    for (let last = "a/1"; last !== ""; ) {
      const [next = ""] = await door.end(last);
      if (next !== "") order.push(next.slice(1));
      last = next.slice(1);
    }
    expect(order).toEqual(["b/5", "c/6", "a/2", "b/7", "a/3", "a/4"]);
  });

  it("that come and go pass one that waits once each, and not for ever", async () => {
    const door = new Door("default = WaitPool(1,10)");
    await door.send(["a/1", "a/2", "b/3", "c/4"]);
    expect(await door.end("a/1")).toEqual(["+b/3"]);
    expect(await door.end("b/3")).toEqual(["+c/4"]);
    // It had nothing here when it came again.
    await door.send(["b/5", "d/6"]);
    expect(await door.end("c/4")).toEqual(["+d/6"]);
    await door.send(["c/7"]);
    expect(await door.end("d/6")).toEqual(["+a/2"]);
    expect(await door.end("a/2")).toEqual(["+b/5"]);
    expect(await door.end("b/5")).toEqual(["+c/7"]);
  });

  it("cannot shut the room to each other", async () => {
    const door = new Door("default = WaitPool(1,3)");
    await door.send(["a/1", "a/2", "a/3", "a/4", "a/5"]);
    expect(await door.send(["b/6", "b/7", "a/8"])).toEqual(["!b/7", "!a/8"]);
    expect(await door.end("a/1")).toEqual(["+b/6"]);
    expect(await door.end("b/6")).toEqual(["+a/2"]);
    const cluster = new Door("default = PriorityPool(2,4)");
    await cluster.send(["a/1", "a/2", "a/3"]);
    expect(await cluster.send(["b/4", "b/5"])).toEqual(["+b/4", "!b/5"]);
  });

  it("have only so many slots, and hold nobody else back", async () => {
    const door = new Door("default = WaitPool(3,9)", { running: 1, queued: 9 });
    expect(await door.send(["a/1", "a/2", "b/3"])).toEqual(["+a/1", "+b/3"]);
    expect(await door.send(["a/4", "c/5"])).toEqual(["+c/5"]);
    expect(await door.end("b/3")).toEqual([]);
    expect(await door.end("a/1")).toEqual(["+a/2"]);
  });

  it("let only so many requests wait, but for parts of jobs that are in", async () => {
    const door = new Door("default = WaitPool(1,9)", { running: 9, queued: 1 });
    expect(await door.send(["a/5", "a/6", "a/7"])).toEqual(["+a/5", "!a/7"]);
    expect(await door.send(["a/4", "a/6", "b/8"])).toEqual(["!a/4"]);
    expect(door.admission.use()).toMatchObject([{ waiting: 3 }]);
  });
});

describe("waiting", () => {
  it("ends with the signal, and makes room for the next", async () => {
    const door = new Door("default = WaitPool(1,3)");
    const controller = new AbortController();
    await door.send(["a/1"]);
    const wait = door.admission.enter({
      jobId: "2",
      account: "b",
      pool: "default",
      signal: controller.signal,
    });
    await door.send(["c/3"]);
    const reason = new Error("the client is gone");
    controller.abort(reason);
    await expect(wait).rejects.toBe(reason);
    expect(door.admission.use()).toMatchObject([{ running: 1, waiting: 1 }]);
    expect(await door.end("a/1")).toEqual(["+c/3"]);
  });

  it("does not begin with a signal that came before", async () => {
    const door = new Door("default = WaitPool(1,3)");
    await door.send(["a/1"], { signal: AbortSignal.abort(new Error("gone")) });
    expect(door.admission.use()).toMatchObject([{ running: 0, waiting: 0 }]);
  });

  it("lets those pass that waited behind one that was too large", async () => {
    const door = new Door("default = WaitPool(2,3)");
    const controller = new AbortController();
    await door.send(["a/1"]);
    await door.send(["b/2"], { slots: 2, signal: controller.signal });
    expect(await door.send(["c/3"])).toEqual([]);
    controller.abort();
    expect((await door.settle()).sort()).toEqual(["+c/3", "?b/2"]);
  });

  it("is over once slots are given: the signal takes nothing back", async () => {
    const door = new Door("default = WaitPool(1,3)");
    const controller = new AbortController();
    expect(await door.send(["a/1"], { signal: controller.signal })).toEqual(["+a/1"]);
    controller.abort();
    expect(await door.settle()).toEqual([]);
    expect(door.admission.use()).toMatchObject([{ running: 1 }]);
  });

  it("gives slots back once", async () => {
    const door = new Door("default = WaitPool(1,3)");
    await door.send(["a/1"]);
    await door.end("a/1", "a/1");
    expect(door.admission.use()).toMatchObject([{ running: 0 }]);
  });
});

describe("a refusal", () => {
  it("says when to ask again, from how long slots were held", async () => {
    const door = new Door("default = WaitPool(2,0)");
    for (let round = 0; round < 30; round++) {
      await door.send(["a/1"]);
      door.nowMs += 30_000;
      await door.end("a/1");
    }
    await door.send(["a/2", "a/3"]);
    const refused = door.admission.enter({ jobId: "4", account: "b", pool: "unknown" });
    const error: unknown = await refused.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ZvmError);
    expect(error).toMatchObject({ code: "ZVM_JOB_BUSY", message: "Slot not available" });
    expect(error).toMatchObject({ kind: { httpStatus: 503 }, retryAfterSeconds: 15 });
  });
});

describe("JobIds", () => {
  it("have time, process and number", () => {
    const ids = new JobIds(() => 1_700_000_000_000.7, "abc");
    expect([ids.next(), ids.next()]).toEqual(["18bcfe56800abc000", "18bcfe56800abc001"]);
  });

  it("never go back, whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 50 }), (times) => {
        let at = 0;
        const ids = new JobIds(() => times[at++ % times.length] ?? 0, "000");
        const made = Array.from({ length: 9000 }, () => ids.next());
        expect([...new Set(made)].sort()).toEqual(made);
        expect(made.every((id) => /^[0-9a-f]{17}$/.test(id))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it.each(["", "ABC", "12", "1234", "xyz"])("have no process %j", (process) => {
    expect(() => new JobIds(() => 0, process)).toThrow();
  });
});

describe("parsePools", () => {
  it("reads the pools of the original", () => {
    expect(parsePools(STANDARD_POOLS)).toEqual([
      { name: "default", kind: "WaitPool", runningMax: 10, newerMax: 3 },
      { name: "cluster", kind: "PriorityPool", runningMax: 100, newerMax: 10 },
    ]);
    expect(parsePools(" default=WaitPool( 1 , 0 ) ; ")).toHaveLength(1);
  });

  it.each([
    ["", /no pool default/],
    ["cluster = WaitPool(1,1)", /no pool default/],
    ["default = WaitPool(1,1); default = WaitPool(2,2)", /default twice/],
    ["default = Pool(1,1)", /neither a WaitPool/],
    ["default = WaitPool(1)", /is not NAME = CLASS/],
    ["default = WaitPool(-1,1)", /is not NAME = CLASS/],
    ["default = WaitPool(0,1)", /runs nothing/],
    ["default = PriorityPool(1,0)", /runs nothing/],
    ["default = PriorityPool(0,1)", /takes no new job/],
    ["default = WaitPool(1,1000000000)", /is not NAME = CLASS/],
    ["default WaitPool(1,1)", /is not NAME = CLASS/],
    [Array.from({ length: 200 }, (_, at) => `p${at}=WaitPool(1,1)`).join(";"), /More than 100/],
  ])("refuses %j", (text, fault) => {
    expect(parsePools(text)).toEqual({ fault: expect.stringMatching(fault) });
  });

  it("survives any text", () => {
    const word = fc.constantFrom("default", "=", "WaitPool", "(", ")", ",", ";", " ", "10", "0");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join("")),
        ),
        (text) => {
          const pools = parsePools(text);
          if ("fault" in pools) expect(pools.fault.length).toBeLessThan(200);
          else expect(pools.every(({ runningMax }) => runningMax > 0)).toBe(true);
        },
      ),
    );
  });
});

describe("any order of requests", () => {
  it("never gives more than there is, and leaves nobody behind", async () => {
    const step = fc.record({
      account: fc.constantFrom("a", "b", "c"),
      jobId: fc.constantFrom("1", "2", "3", "4"),
      slots: fc.integer({ min: 1, max: 3 }),
      action: fc.constantFrom("enter", "enter", "release", "abort"),
      which: fc.nat(),
    });
    const settings = fc.constantFrom("WaitPool(3,2)", "PriorityPool(2,3)");
    await fc.assert(
      fc.asyncProperty(settings, fc.array(step, { maxLength: 40 }), async (setting, steps) => {
        const admission = new Admission({
          pools: poolsOf(`default = ${setting}`),
          accounts: { running: 3, queued: 4 },
          nowMs: () => 0,
        });
        const held: Release[] = [];
        const waiting = new Set<AbortController>();
        const settle = () => new Promise((resolve) => setImmediate(resolve));
        for (const { action, which, ...who } of steps) {
          if (action === "release") held.splice(which % (held.length || 1), 1)[0]?.();
          else if (action === "abort") [...waiting][which % (waiting.size || 1)]?.abort();
          else {
            const controller = new AbortController();
            waiting.add(controller);
            const entered = admission.enter({ ...who, pool: "default", signal: controller.signal });
            const given = (release: Release) => void held.push(release);
            void entered.then(given, () => undefined).finally(() => waiting.delete(controller));
          }
          await settle();
          const [use] = admission.use();
          expect(use?.running).toBeLessThanOrEqual(3);
          expect(use?.waiting).toBe(waiting.size);
        }
        while (held.length > 0) {
          held.pop()?.();
          await settle();
        }
        expect(admission.use()).toEqual([{ name: "default", running: 0, waiting: 0 }]);
      }),
      { numRuns: 100 },
    );
  });
});
