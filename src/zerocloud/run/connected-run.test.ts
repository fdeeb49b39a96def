import { describe, expect, test } from "vitest";
import { exitedReport } from "../../../test/support/exited-report.ts";
import { groupOf, judgeText } from "../../../test/support/judge-job.ts";
import { ZvmError } from "../../base/index.ts";
import {
  classicPartOf,
  exitStatusOf,
  type Outcome,
  type Report,
} from "../../zerovm/report/index.ts";
import type { Instance } from "../plan/index.ts";
import type { Storage } from "../storage/index.ts";
import { OPEN_ADMISSION } from "./admission.ts";
import {
  type JobRequest,
  JobRun,
  type NodePlace,
  Refusal,
  type SpooledFile,
  type WrittenOutput,
} from "./index.ts";
import { nameOfInstance } from "./local-wires.ts";

/** How the session of an instance ends, and when; `stopped` only when it is told to. */
type Script = (signal: AbortSignal, name: string) => Promise<Partial<Report>>;

const ends =
  (outcome: Outcome, fields: Partial<Report> = {}, afterMs = 0): Script =>
  async () => {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    return {
      outcome,
      exitStatus: exitStatusOf(outcome),
      classic: classicPartOf(outcome),
      ...fields,
    };
  };
const lost = (cause: "peer" | "channel" | "cell", message: string, afterMs = 0) =>
  ends({ kind: "lost", cause, message, code: 5 }, {}, afterMs);
const well = ends({ kind: "exited", code: 0 });
const stopped: Script = async (signal) => {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  return await ends({ kind: "lost", cause: "interrupted", message: "ended", code: 4 })(signal, "");
};

/** A place where sessions end as they are told. */
class ScriptedPlace implements NodePlace {
  readonly events: string[];
  readonly #scripts: Readonly<Record<string, Script>>;

  constructor(scripts: Readonly<Record<string, Script>>, events: string[]) {
    this.#scripts = scripts;
    this.events = events;
  }

  async prepare(node: Instance["node"]) {
    return {
      node,
      run: async (instance: Instance, { signal }: { readonly signal: AbortSignal }) => {
        const name = nameOfInstance(instance).replace("node ", "");
        this.events.push(`begin ${name}`);
        const report = exitedReport(await (this.#scripts[name] ?? well)(signal, name));
        this.events.push(`end ${name}`);
        return { report, outputs: this.#outputOf(node), errorTail: "", wasValid: false };
      },
    };
  }

  /** What a node wrote, where the job has a device for it. */
  #outputOf({ name, channels }: Instance["node"]): readonly WrittenOutput[] {
    const channel = channels.find(({ kind }) => kind === "response");
    if (channel?.kind !== "response") return [];
    const close = (): void => void this.events.push(`close output of ${name}`);
    return [{ channel, file: { close } as unknown as SpooledFile }];
  }

  async connect(instances: readonly Instance[]) {
    this.events.push(`connect ${instances.length}`);
    return {
      leave: (instance: Instance) => void this.events.push(`leave ${instance.node.name}`),
      close: () => void this.events.push("close"),
    };
  }
}

const STORAGE = {} as Storage;

/** Of an instance that ran in vain: its name, and the one that failed. */
const endedBy = (name: string, cause: string, more = "") =>
  `${name} cancelled 424 Nothing of it is kept: ${cause} failed first${more}`;

async function run(
  groups: readonly unknown[],
  scripts: Readonly<Record<string, Script>>,
  request: Partial<JobRequest> = {},
  admission = OPEN_ADMISSION,
  events: string[] = [],
) {
  const { plan } = await judgeText(groups);
  if (plan === undefined) throw new Error("The test's job has errors");
  const place = new ScriptedPlace(scripts, events);
  const job = new JobRun(plan, { id: "t", ...request }, { place, storage: STORAGE, admission });
  const { instances } = await job.run();
  const told = instances.map(({ name, state, status, error }) => {
    return [name, state, status, ...(error === undefined ? [] : [error])].join(" ");
  });
  return { told, events: place.events, instances };
}

const PIPE = [
  groupOf({ name: "a", connect: ["b"] }),
  groupOf({ name: "b", connect: ["c"] }),
  groupOf({ name: "c" }),
];

test("a node that ran in vain has its seconds and its report, and no result of its own", async () => {
  const { instances } = await run(PIPE, {
    a: ends({ kind: "faulted", fault: "table", message: "t" }, {}, 30),
    b: lost("peer", "lost node a", 40),
    c: stopped,
  });
  const [failed, ...others] = instances;
  expect(failed?.state).toBe("failed");
  for (const { accounting, report, exitCode, etags, statusText, responses } of others) {
    expect(accounting.seconds).toBeGreaterThan(0);
    expect(report).toBeDefined();
    expect([exitCode, etags, statusText, responses]).toEqual([0, [], "cancelled", []]);
  }
});

test("a cell that says it was interrupted, which nobody asked for, has failed", async () => {
  const lying = ends({ kind: "lost", cause: "interrupted", message: "so", code: 4 });
  const { told } = await run(PIPE, { a: lying, b: stopped, c: stopped });
  expect(told[0]).toMatch(/^a failed 500/);
  expect(told[1]).toBe(endedBy("b", "node a"));
});

describe("a defect in one session", () => {
  const writing = { devices: [{ name: "stdout" }] };
  const broken: Script = async () => await Promise.reject(new TypeError("a defect"));

  test("ends those that it was connected with, and nothing of theirs stays open", async () => {
    const events: string[] = [];
    const groups = [groupOf({ name: "a", connect: ["b"], ...writing }), groupOf({ name: "b" })];
    const late: Script = async (signal, name) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return await broken(signal, name);
    };
    await expect(run(groups, { b: late }, {}, OPEN_ADMISSION, events)).rejects.toThrow("a defect");
    expect(events).toContain("close output of a");
  });

  test("ends the copies of its node, and nothing of theirs stays open", async () => {
    const events: string[] = [];
    const groups = [groupOf({ name: "a", replicate: 2, ...writing })];
    const scripts = { a: broken, "a, copy 1": stopped };
    await expect(run(groups, scripts, {}, OPEN_ADMISSION, events)).rejects.toThrow("a defect");
    expect(events.slice(-2)).toEqual(["end a, copy 1", "close output of a"]);
  });
});

describe("connected nodes", () => {
  test("begin together when they are connected, however few nodes run at one time", async () => {
    const { told, events } = await run(PIPE, {}, { concurrency: 1 });
    expect(told).toEqual(["a ran 200", "b ran 200", "c ran 200"]);
    expect(events.slice(0, 4)).toEqual(["connect 3", "begin a", "begin b", "begin c"]);
    expect(events.at(-1)).toBe("close");
    expect(events.filter((event) => event.startsWith("leave"))).toHaveLength(3);
  });

  test("keep others waiting until there is room beside those that are left", async () => {
    const groups = [groupOf({ name: "x" }), groupOf({ name: "y" }), ...PIPE];
    const slow = ends({ kind: "exited", code: 0 }, {}, 50);
    const { told, events } = await run(groups, { a: slow }, { concurrency: 2 });
    expect(told.every((one) => one.endsWith("ran 200"))).toBe(true);
    const at = (event: string) => events.indexOf(event);
    expect(at("begin x")).toBeGreaterThan(at("end b"));
    expect(at("begin x")).toBeGreaterThan(at("end c"));
    expect(at("begin x")).toBeLessThan(at("end a"));
  });

  test.each([
    ["a fault", ends({ kind: "faulted", fault: "unreachable", message: "unreachable" })],
    ["a time limit", ends({ kind: "limited", limit: "time" })],
    ["its fuel", ends({ kind: "limited", limit: "fuel" })],
    ["the death of its cell", lost("cell", "The cell died")],
    ["a refusal", ends({ kind: "refused", findings: [] })],
  ])("that lose one by %s name that one, also where they hear of it first", async (_, script) => {
    const late: Script = async (signal, name) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return await script(signal, name);
    };
    const { told, instances } = await run(PIPE, {
      a: late,
      b: lost("peer", "lost node a"),
      c: stopped,
    });
    expect(told[0]).toMatch(/^a failed 500 ./);
    expect(told.slice(1)).toEqual([
      endedBy("b", "node a", "; lost node a"),
      endedBy("c", "node a"),
    ]);
    expect(instances.map(({ stored }) => stored)).toEqual([[], [], []]);
  });

  test("that ended well before are of no use without one that failed", async () => {
    const { told } = await run(PIPE, { c: ends({ kind: "limited", limit: "time" }, {}, 20) });
    expect(told.slice(0, 2)).toEqual([
      "a ran 424 Nothing of it is kept: node c failed first",
      "b ran 424 Nothing of it is kept: node c failed first",
    ]);
    expect(told[2]).toMatch(/^c failed 500/);
  });

  test("that only lost each other name the first, and end what waits", async () => {
    const { told } = await run(PIPE, {
      a: lost("peer", "lost node b", 20),
      b: lost("peer", "lost node a"),
      c: stopped,
    });
    expect(told[1]).toMatch(/^b failed 500 .*lost node a/);
    expect(told[0]).toBe(endedBy("a", "node b", "; lost node b"));
    expect(told[2]).toBe(endedBy("c", "node b"));
  });

  test("that waited for each other until their time was over are all named, with their channels", async () => {
    const waited = (waitingFor: string, afterMs = 0) =>
      ends({ kind: "limited", limit: "time", waitingFor }, {}, afterMs);
    const { told } = await run(PIPE, {
      a: waited("/dev/out/b"),
      b: waited("/dev/in/a", 20),
      c: lost("peer", "lost node b", 10),
    });
    expect(told[0]).toMatch(/^a failed 500 .*session timeout; it waited for \/dev\/out\/b$/);
    expect(told[1]).toMatch(/^b failed 500 .*session timeout; it waited for \/dev\/in\/a$/);
    expect(told[2]).toBe(endedBy("c", "node a", "; lost node b"));
  });

  test("that say themselves what they waited for write one line that shows as it is", async () => {
    const hostile = { kind: "limited", limit: "time", waitingFor: "\u001b[31m\nred" } as const;
    const { told } = await run(PIPE, { a: ends(hostile) });
    expect(told[0]).toMatch(/; it waited for \\x1b\[31m\\nred$/);
  });

  test("that waited for one whose time was over name that one", async () => {
    const { told } = await run(PIPE, {
      a: ends({ kind: "limited", limit: "time" }, {}, 30),
      b: ends({ kind: "limited", limit: "time", waitingFor: "/dev/in/a" }),
    });
    expect(told[0]).toMatch(/^a failed 500/);
    expect(told[1]).toBe(endedBy("b", "node a", "; it waited for /dev/in/a"));
    expect(told[2]).toMatch(/^c ran 424/);
  });

  test("go on without those that failed where the job says so", async () => {
    const groups = [...PIPE, groupOf({ name: "x", connect: ["y"] }), groupOf({ name: "y" })];
    const { told } = await run(
      groups,
      {
        a: ends({ kind: "faulted", fault: "table", message: "t" }),
        b: lost("peer", "lost node a"),
      },
      { onFailure: "continue" },
    );
    expect(told[0]).toMatch(/^a failed 500 The program was ended/);
    expect(told[1]).toMatch(/^b failed 500 .*lost node a/);
    expect(told.slice(2)).toEqual(["c ran 200", "x ran 200", "y ran 200"]);
  });

  test("end with one beside them that failed, which alone is told", async () => {
    const failed = ends({ kind: "limited", limit: "time" }, {}, 20);
    const late: Script = async (signal, name) => {
      await stopped(signal, name);
      return await lost("peer", "lost node a")(signal, name);
    };
    const groups = [groupOf({ name: "x" }), ...PIPE];
    const { told } = await run(groups, { x: failed, a: stopped, b: late, c: late });
    expect(told[0]).toMatch(/^x failed 500/);
    expect(told.slice(1)).toEqual([
      endedBy("a", "node x"),
      endedBy("b", "node x", "; lost node a"),
      endedBy("c", "node x", "; lost node a"),
    ]);
  });

  test("that somebody cancels are cancelled, whatever they lost by that", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const late: Script = async (signal, name) => {
      await stopped(signal, name);
      return await lost("peer", "lost node a")(signal, name);
    };
    const { instances } = await run(
      PIPE,
      { a: stopped, b: late, c: stopped },
      { signal: controller.signal },
    );
    expect(instances.map(({ state, status }) => [state, status])).toEqual([
      ["failed", 499],
      ["cancelled", 499],
      ["failed", 499],
    ]);
    expect(instances[1]?.error).toMatch(/^Nothing of it is kept: the job was cancelled/);
  });

  test("are refused together where the pool has no place for all", async () => {
    const admission = {
      enter: async () => await Promise.reject(new ZvmError("ZVM_POOL", "Slot not available")),
    };
    const { told, events } = await run(PIPE, {}, {}, admission);
    expect(told).toEqual([
      "a refused 503 Slot not available",
      "b skipped 424 It came to nothing: node a failed first",
      "c skipped 424 It came to nothing: node a failed first",
    ]);
    expect(events).toEqual([]);
  });

  test("are ended where one of them never begins", async () => {
    const refused: Script = async () => await Promise.reject(new Refusal(503, "No host"));
    const { told, events } = await run(PIPE, { a: stopped, b: refused, c: stopped });
    expect(told).toEqual([endedBy("a", "node b"), "b refused 503 No host", endedBy("c", "node b")]);
    expect(events).toContain("leave b");
    expect(events.at(-1)).toBe("close");
  });
});

describe("copies of connected nodes", () => {
  const groups = [groupOf({ name: "a", connect: ["b"], replicate: 2 }), groupOf({ name: "b" })];
  const traced = (traceHash: string, afterMs = 0) =>
    ends({ kind: "exited", code: 0 }, { traceHash }, afterMs);

  test("that differ are to blame for the channel that they broke", async () => {
    const { told } = await run(groups, {
      a: traced("1"),
      "a, copy 1": traced("2", 20),
      b: lost("channel", "/dev/in/a failed to read"),
    });
    expect(told).toEqual([
      "a failed 500 A copy did something else",
      "a ran 424 Nothing of it is kept: node a failed first",
      endedBy("b", "node a", "; /dev/in/a failed to read"),
    ]);
  });

  test("that agree make what one makes", async () => {
    const { told } = await run(groups, { a: traced("1"), "a, copy 1": traced("1") });
    expect(told).toEqual(["a ran 200", "a ran 200", "b ran 200"]);
  });

  test("may have broken a channel that somebody could not read: then that is told", async () => {
    const { told } = await run(groups, {
      a: stopped,
      "a, copy 1": lost("peer", "lost node b"),
      b: lost("channel", "/dev/in/a failed to read"),
    });
    expect(told[2]).toMatch(/^b failed 500 .*\/dev\/in\/a failed to read/);
    expect(told.slice(0, 2)).toEqual([
      endedBy("a", "node b"),
      endedBy("a", "node b", "; lost node b"),
    ]);
  });
});
