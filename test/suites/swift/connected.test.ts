/**
 * Nodes that talk to each other while they run, on a cluster of OpenStack Swift with three storage
 * nodes. That their answers are those of `zerovm serve` is in `twins.test.ts`.
 */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { isAlive } from "../../support/alive.ts";
import { EXCHANGING_GUEST, swappingGuest } from "../../support/connected-guests.ts";
import { COPYING_GUEST, guestOf, LOOPING_GUEST } from "../../support/guests.ts";
import { busyCell, cellsOf } from "./busy-cells.ts";
import { slowGuest, sumOf } from "./cluster-guests.ts";
import { type Answered, JobSender, type Sent } from "./job-sender.ts";
import { Overheard } from "./overheard.ts";

const SESSIONS = 4;
const OBJECT_BYTES = 2 ** 20;
/** Of an order, an answer, a place that is held and given back, and what HTTP says before them. */
const NODE_BYTES = 20_000;
const PATIENT = "jobs:\n  timeoutSeconds: 25\n";
const MARK = "Q".repeat(64);

/** Writes a text that nobody finds in the program. */
const MARKING = guestOf(
  `(memory.fill (i32.const 4096) (i32.const 81) (i32.const 1000))
   (drop (call $write (i32.const 1) (i32.const 4096) (i32.const 1000)))`,
);

let cluster: SwiftCluster;
let tester: JobSender;
const contents = ["a", "b", "c", "d"].map((name) => `${name},`.repeat(OBJECT_BYTES / 2));

beforeAll(async () => {
  cluster = await startCluster({ counted: true, sessions: SESSIONS, config: PATIENT });
  tester = new JobSender(cluster);
  for (const container of ["data", "bin", "out"]) await tester.container(container);
  const programs = {
    cat: COPYING_GUEST,
    exchange: EXCHANGING_GUEST,
    loop: LOOPING_GUEST,
    mark: MARKING,
    slow: slowGuest(),
    swap: swappingGuest(),
  };
  for (const [name, bytes] of Object.entries(programs)) await tester.put(`/bin/${name}`, bytes);
  for (const [at, text] of contents.entries()) await tester.put(`/data/o${at}`, text);
});
afterEach(async () => {
  for (const node of cluster.nodes) await node.start();
  await cluster.coordinator?.start();
  await tester.send("DELETE", "/out/data");
  await expect.poll(() => cluster.nodes.flatMap(cellsOf), { timeout: 20_000 }).toEqual([]);
});
afterAll(async () => {
  await cluster?.stop();
});

type Devices = Readonly<Record<string, string | undefined>>;

function node(name: string, program: string, devices: Devices, more: object = {}): object {
  return { ...tester.node(`bin/${program}`, devices), name, ...more };
}

/** Three, of which the second takes so long. */
function pipeline(second = "cat"): object[] {
  return [
    node("first", "cat", { stdin: tester.url("data/o0"), stdout: "zvm://second:stdin" }),
    node("second", second, { stdout: "zvm://third:stdin" }),
    node("third", "cat", { stdout: tester.url("out/data") }),
  ];
}

/** A job that its session waits for as long as it is not ended. */
const loops = (): object[] => [
  node("first", "loop", {}, { connect: ["second"] }),
  node("second", "cat", { stdout: tester.url("out/data") }),
];

function said({ status, text }: Answered) {
  return { status, text: status === 200 ? "" : text };
}

async function outcome(nodes: readonly object[], sent: Omit<Sent, "body"> = {}) {
  return said(await tester.job(nodes, sent));
}

function crossed(): number {
  const sums = cluster.traffic().map((one) => one.toServerBytes + one.fromServerBytes);
  return sums.reduce((sum, one) => sum + one, 0);
}

const WELL = { status: 200, text: "" };
const SLOWLY = { timeout: 90_000 };
/** A host that says nothing is missed before twice the time of its sessions is over. */
const STANDING = { timeout: 100_000 };
const STANDING_SECONDS = "60";

it("runs a pipeline of three", async () => {
  expect(await outcome(pipeline())).toEqual(WELL);
  expect((await tester.get("/out/data")) === contents[0]).toBe(true);
});

it("maps beside the objects and reduces, and moves nothing through object servers", async () => {
  const map = node("map", "exchange", { stdin: tester.url("data/*") }, { connect: ["red"] });
  const job = [map, node("red", "exchange", { stdout: undefined }, { count: 2 })];
  const parts = contents.map((text) => text.slice(0, 32_768)).join("");
  // Workers have the program then.
  expect((await tester.job(job)).text === parts + parts).toBe(true);
  const before = crossed();
  const { status, text } = await tester.job(job);
  expect([status, text === parts + parts]).toEqual([200, true]);
  // What the two that reduce answer crosses once; what they read goes from worker to worker.
  expect(crossed() - before).toBeLessThan(2 * parts.length + 6 * NODE_BYTES);
  const plan = await tester.send("POST", `${tester.account}?format=plan`, {
    headers: { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" },
    body: JSON.stringify(job),
  });
  const why = JSON.parse(plan.text).nodes.map((one: { why: string }) => one.why.slice(0, 23));
  const beside = Array(4).fill("beside its input /AUTH_");
  expect(why).toEqual([...beside, ...Array(2).fill("near what it is connect")]);
});

it("has each of six write to all others", async () => {
  const swap = node("n", "swap", { stdout: undefined }, { count: 6, connect: ["n"] });
  const all = Array.from({ length: 6 }, (_, index) => `n-${index + 1};;`);
  const each = all.map((own) => all.filter((it) => it !== own).join(""));
  expect((await tester.job([swap])).text).toBe(each.join(""));
});

it("runs three copies of a node between others", async () => {
  const [first, second, third] = pipeline();
  expect(await outcome([first ?? {}, { ...second, replicate: 3 }, third ?? {}])).toEqual(WELL);
  expect((await tester.get("/out/data")) === contents[0]).toBe(true);
});

it("seals what goes from worker to worker", async () => {
  const marks = node("m", "mark", { stdout: "zvm://r:stdin" }, { replicate: 3 });
  const job = [marks, node("r", "cat", { stderr: undefined }, { replicate: 3 })];
  expect(await outcome(job)).toEqual(WELL);
  const overheard = await Overheard.begin(MARK);
  expect(await outcome(job)).toEqual(WELL);
  const { marked, greeted } = await overheard.end();
  expect([marked, greeted > 0]).toEqual([0, true]);
});

it("says at once that a job is larger than the cluster", async () => {
  const swap = node("n", "swap", { stdout: undefined }, { count: 13, connect: ["n"] });
  const { status, text } = await outcome([swap]);
  const why = "The job needs 13 places at the same time; all workers together have 12";
  expect({ status, text }).toEqual({ status: 413, text: expect.stringContaining(why) });
});

it("runs all of them again when a worker is killed", SLOWLY, async () => {
  const asked = outcome(pipeline("slow"));
  const { node: busy } = await busyCell(cluster);
  const cells = cellsOf(busy);
  await busy.worker?.kill();
  expect(await asked).toEqual(WELL);
  expect(await tester.get("/out/data")).toBe(sumOf(contents[0] ?? ""));
  await expect.poll(() => cells.filter(isAlive)).toEqual([]);
});

it("runs all of them again when a worker says nothing any more", STANDING, async () => {
  const asked = outcome(pipeline("slow"), { headers: { "X-Zerovm-Timeout": STANDING_SECONDS } });
  const { node: busy } = await busyCell(cluster);
  const pid = busy.worker?.pid ?? 0;
  process.kill(pid, "SIGSTOP");
  try {
    expect(await asked).toEqual(WELL);
    expect(await tester.get("/out/data")).toBe(sumOf(contents[0] ?? ""));
  } finally {
    process.kill(pid, "SIGCONT");
  }
});

it("names the node whose session is killed, and stores nothing", SLOWLY, async () => {
  const asked = outcome(pipeline("slow"));
  const { pid } = await busyCell(cluster);
  process.kill(pid, "SIGKILL");
  const { status, text } = await asked;
  expect({ status, text }).toEqual({
    status: 500,
    text: expect.stringContaining("The cell was killed"),
  });
  expect(await tester.get("/out/data")).toBe("status 404");
});

it("ends all of them when the client goes away, or the coordinator", SLOWLY, async () => {
  const leaving = new AbortController();
  const left = tester.job(loops(), { signal: leaving.signal }).catch((error: Error) => error.name);
  await busyCell(cluster);
  leaving.abort();
  expect(await left).toBe("AbortError");
  await expect.poll(() => cluster.nodes.flatMap(cellsOf), { timeout: 20_000 }).toEqual([]);
  const asked = outcome(loops());
  await busyCell(cluster);
  await cluster.coordinator?.kill();
  expect((await asked).status).toBe(503);
  await expect.poll(() => cluster.nodes.flatMap(cellsOf), { timeout: 20_000 }).toEqual([]);
  expect(await tester.get("/out/data")).toBe("status 404");
});
