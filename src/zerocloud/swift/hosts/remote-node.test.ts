import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exitedReport } from "../../../../test/support/exited-report.ts";
import { groupOf, judgeText } from "../../../../test/support/judge-job.ts";
import { Log } from "../../log/index.ts";
import { HostBook, type Placed, type Placer, type StorageHost } from "../../placement/index.ts";
import { instancesOf, type PlannedNode, pathOfItem, type StoredItem } from "../../plan/index.ts";
import { closeOutputs, type NodeSession, Refusal, SpooledFile } from "../../run/index.ts";
import { writeAnswer } from "../orders/node-answer.ts";
import { PartReader, writePart } from "../orders/parts.ts";
import { HostGates } from "./host-gates.ts";
import { hostLabel } from "./host-label.ts";
import { HostPulse } from "./host-pulse.ts";
import type { JobItems } from "./job-items.ts";
import { HostLost, type NodeErrand, type NodeReply, type ObjectServers } from "./object-servers.ts";
import { ProgramBook } from "./program-book.ts";
import { ProgramSends } from "./program-sends.ts";
import { RemoteNode } from "./remote-node.ts";

type Reply = readonly [status: number, reason: string, text?: string];
/** What a host does, each time that it is asked. */
type Script = Reply | "session" | "interrupted" | "no-room" | "lost" | "silent";

interface Ran {
  /** Hosts in the order in which they were asked, `brought` where nothing was read in place. */
  readonly asked: readonly string[];
  readonly out: readonly string[];
  readonly ending: unknown;
}

const PULSE = { everyMs: 5, unheardMax: 3 };

function hostOf(name: string): StorageHost {
  return { ip: name, port: 1, device: "d1", region: 1, zone: 1, isHandoff: false };
}

/** Runs a node over hosts that do as they are told; the last of a script is for ever. */
async function run(
  scripts: Readonly<Record<string, readonly Script[]>>,
  open?: () => never,
): Promise<Ran> {
  const devices = [{ name: "stdin", path: "swift://~/c/o" }, { name: "stdout" }];
  const { plan } = await judgeText([groupOf({ devices })], { objects: { "t/c": ["o"] } });
  const [instance] = plan === undefined ? [] : instancesOf(plan);
  if (instance === undefined) throw new Error("no instance");
  const { node } = instance;
  const asked: string[] = [];
  const silent = new Set<string>();
  const left = new Map(Object.entries(scripts).map(([name, script]) => [name, [...script]]));
  const send = async ({ host, object, sent, signal }: NodeErrand): Promise<NodeReply> => {
    asked.push(object === undefined ? `${host.ip} brought` : host.ip);
    const script = left.get(host.ip) ?? [];
    const does = script.length > 1 ? script.shift() : script[0];
    sent?.();
    if (does === "lost" || does === undefined) throw new HostLost(`${host.ip}: gone`);
    if (does === "silent") {
      silent.add(host.ip);
      return await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    }
    if (typeof does === "string") return sessionReply(node, does);
    const [status, reason, text = ""] = does;
    const bytes = writePart([Buffer.from(text)]);
    return { status, reason, parts: new PartReader(bytes), close: () => undefined };
  };
  const book = new HostBook(() => 0);
  const statOf = (item: StoredItem) => ({
    ...item,
    ...{ sizeBytes: 0, etag: pathOfItem(item), contentType: "", timestamp: "1", meta: {} },
  });
  const spots = Object.keys(scripts).map((name) => {
    return { host: hostOf(name), partition: 1, isLocal: true };
  });
  const item = { account: "t", container: "c", object: "o" };
  const beside = { kind: "object", item, access: "read", sizeBytes: 0, words: "" } as const;
  const placed: Placed = { instance, beside, spots, why: "" };
  const log = new Log({ level: "error", form: "json", write: () => undefined });
  const servers = { send } as unknown as ObjectServers;
  const remote = new RemoteNode(node, [], {
    cluster: {
      servers,
      pulse: new HostPulse(async ({ host }) => !silent.has(host.ip), PULSE),
      book,
      gates: new HostGates(),
      programs: new ProgramBook(),
      sends: new ProgramSends(),
      log,
    },
    request: { id: "j" },
    items: {
      stat: async (one: StoredItem) => statOf(one),
      open: async (one: StoredItem) => {
        if (open !== undefined && one.object === "o") open();
        return { stat: statOf(one), pieces: [] };
      },
    } as unknown as JobItems,
    placer: () =>
      ({ place: () => placed, started: () => {}, givenUp: () => {} }) as unknown as Placer,
    policyOf: () => 0,
  });
  const signal = new AbortController().signal;
  const around = { signal, onErrorText: () => undefined };
  const ending = await remote.run(instance, around).catch((error: unknown) => error);
  const out = Object.keys(scripts).filter((name) => book.outUntilMs(hostOf(name)) > 0);
  return { asked, out, ending };
}

/** A session with all outputs of its node. */
function sessionReply(
  node: PlannedNode,
  ending: Exclude<Script, Reply | "lost" | "silent">,
): NodeReply {
  const interrupted = { kind: "lost", cause: "interrupted", message: "ended", code: 4 } as const;
  const message = "/dev/stdout;0 failed to write: No space left on device";
  const noRoom = { kind: "lost", cause: "channel", message, code: 5 } as const;
  const outcomes = {
    session: {},
    interrupted: { outcome: interrupted },
    "no-room": { outcome: noRoom },
  };
  const report = exitedReport(outcomes[ending]);
  const outputs = node.channels.flatMap((channel) => {
    return channel.kind === "response" ? [{ channel, file: new SpooledFile() }] : [];
  });
  const session = { report, outputs, errorTail: "", wasValid: false };
  const parts = new PartReader(writeAnswer(node, session));
  return { status: 200, reason: "", parts, close: () => closeOutputs(session) };
}

const SESSION = { report: { exitStatus: 0 } };

describe("a node of a job", () => {
  it("goes to the next host where one is lost, fails, or has no worker", async () => {
    const failing: readonly Script[] = ["lost", [503, "worker"], [500, "failed"], [502, ""]];
    for (const one of failing) {
      const ran = await run({ a: [one], b: ["session"] });
      expect(ran).toMatchObject({ asked: ["a", "b"], out: ["a"], ending: SESSION });
    }
  });

  it("goes to the next host where one says nothing any more", async () => {
    const ran = await run({ a: ["silent"], b: ["session"] });
    expect(ran).toMatchObject({ asked: ["a", "b"], out: ["a"], ending: SESSION });
  });

  it("runs again where a worker ended it, and keeps nothing of that session open", async () => {
    const open = readdirSync("/proc/self/fd").length;
    const ran = await run({ a: ["interrupted"], b: ["session"] });
    expect(ran).toMatchObject({ asked: ["a", "b"], out: ["a"], ending: SESSION });
    closeOutputs(ran.ending as NodeSession);
    expect(readdirSync("/proc/self/fd").length).toBe(open);
  });

  it("goes to the next host where a disk is full, and says so where all are", async () => {
    const open = readdirSync("/proc/self/fd").length;
    for (const one of ["no-room", [507, "full", "no room"]] satisfies Script[]) {
      const ran = await run({ a: [one], b: ["session"] });
      expect(ran).toMatchObject({ asked: ["a", "b"], out: ["a"], ending: SESSION });
      closeOutputs(ran.ending as NodeSession);
      const { ending } = await run({ a: [one] });
      const last = `${hostLabel(hostOf("a"))}: the disk for temporary files is full`;
      const message = `No storage host could run n; the last, ${last}`;
      expect(ending).toMatchObject({ status: 503, message });
    }
    expect(readdirSync("/proc/self/fd").length).toBe(open);
  });

  it("waits for hosts that are busy, and asks those that failed no more", async () => {
    const busy: Reply = [503, "busy", "no room there"];
    const ran = await run({ a: ["lost"], b: [busy, busy, "session"] });
    expect(ran).toMatchObject({ asked: ["a", "b", "b", "b"], out: ["a"], ending: SESSION });
  });

  it("has all brought where no replica serves, and blames no host for that", async () => {
    const ran = await run({ a: [[404, ""], "session"], b: [[412, "stale"]] });
    expect(ran).toMatchObject({ asked: ["a", "b", "a brought"], out: [], ending: SESSION });
  });

  it("is refused as Swift says of an object that is gone", async () => {
    const gone = (): never => {
      throw new Refusal(404, "Error 404 Not Found while fetching /t/c/o");
    };
    const ran = await run({ a: [[404, ""]], b: [[404, ""]] }, gone);
    expect(ran.out).toEqual([]);
    expect(ran.ending).toMatchObject({ status: 404, message: expect.stringContaining("/t/c/o") });
  });

  it("says which host was the last, and why, where none serves", async () => {
    const { ending } = await run({ a: ["lost"], b: [[503, "worker"]] });
    const last = `${hostLabel(hostOf("b"))}: status 503, worker`;
    const message = `No storage host could run n; the last, ${last}`;
    expect(ending).toMatchObject({ status: 503, message });
  });

  it("believes a worker that refuses it, but not with a status of success", async () => {
    const { ending } = await run({ a: [[413, "refused", "Too large"]], b: ["session"] });
    expect(ending).toMatchObject({ status: 413, message: "Too large" });
    const lying = await run({ a: [[200, "refused", "fine"]], b: ["session"] });
    expect(lying).toMatchObject({ asked: ["a", "b"], ending: SESSION });
  });

  it("sends a program once, and leaves a worker that lacks it all the same", async () => {
    const ran = await run({ a: [[409, "lacks"]], b: [[409, "lacks"], "session"] });
    expect(ran).toMatchObject({ asked: ["a", "a", "b", "b"], ending: SESSION });
  });

  it("is brought where the file of a host holds other bytes, and asks once", async () => {
    const ran = await run({ a: [[409, "stream: slo"]], b: ["session"] });
    expect(ran).toMatchObject({ asked: ["a", "a brought", "b brought"], ending: SESSION });
  });
});
