import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EXCHANGING_GUEST, swappingGuest } from "../../../../test/support/connected-guests.ts";
import { COPYING_GUEST, guestOf, LOOPING_GUEST } from "../../../../test/support/guests.ts";
import { type GroupOptions, group, jobText } from "../../../../test/support/job-folder.ts";
import { StandInSwift } from "../../../../test/support/stand-in-swift.ts";
import {
  QUIET_LOG,
  SECRET,
  startCoordinator,
} from "../../../../test/support/tested-coordinator.ts";
import { streamPair } from "../../../zerovm/libc/index.ts";
import { reachWire, WireDoor } from "../../../zerovm/network/index.ts";
import { Health, Metrics } from "../../metrics/index.ts";
import { JobHost } from "../../run/index.ts";
import { type Coordinator, Worker } from "../index.ts";
import { BroughtRoom } from "../worker/brought-room.ts";

const HOSTS = 3;
const PLACES = 3;

let folder: string;
let swift: StandInSwift;
let coordinator: Coordinator;
let hosts: JobHost[];
let doors: WireDoor[];
let workers: Worker[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sets-"));
  const coordinatorSocket = join(folder, "coordinator");
  const workerSockets = Array.from({ length: HOSTS }, (_, at) => join(folder, `worker${at}`));
  hosts = workerSockets.map(() => new JobHost());
  doors = [];
  for (const _ of workerSockets) doors.push(await WireDoor.open({ host: "127.0.0.1", port: 0 }));
  workers = workerSockets.map((socket, at) => workerAt(at, socket));
  for (const worker of workers) await worker.start();
  coordinator = await startCoordinator(coordinatorSocket);
  swift = await StandInSwift.start({ folder, coordinatorSocket, workerSockets, secret: SECRET });
  swift.put("/a/bin/cat", COPYING_GUEST);
  swift.put("/a/bin/loop", LOOPING_GUEST);
  swift.put("/a/bin/exchange", EXCHANGING_GUEST);
  swift.put("/a/bin/swap", swappingGuest());
  swift.containers.add("/a/out");
});

afterEach(async () => {
  await coordinator.stop();
  for (const worker of workers) await worker.stop(0);
  for (const door of doors) door.close();
  for (const host of hosts) await host.close();
  await swift.close();
  rmSync(folder, { recursive: true, force: true });
});

function workerAt(at: number, socket: string): Worker {
  const door = doors[at];
  if (door === undefined) throw new Error("each worker has a door");
  return new Worker({
    socket,
    host: hosts[at] ?? new JobHost(),
    sessions: PLACES,
    brought: new BroughtRoom({
      "jobs.broughtBytes": 2 ** 20,
      "jobs.broughtBytesPerWorker": 2 ** 20,
    }),
    log: QUIET_LOG,
    health: new Health(),
    metrics: new Metrics(),
    wires: { door, address: { port: door.port }, reach: reachWire, makePair: streamPair },
  });
}

async function run(...groups: GroupOptions[]) {
  const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
  const { status, body } = await swift.ask(
    "POST",
    "/v1/a?format=json",
    headers,
    jobText(...groups.map(group)),
  );
  const text = body.toString();
  return { status, text, report: text.startsWith("{") ? JSON.parse(text) : {} };
}

function pipe(name: string, from: Record<string, string>, path: string): GroupOptions {
  return { name, program: "bin/cat", devices: [from, { name: "stdout", path }] };
}

const PIPELINE = [
  pipe("first", { name: "stdin", path: "swift://~/in/data" }, "zvm://second:stdin"),
  pipe("second", { name: "stderr" }, "zvm://third:stdin"),
  pipe("third", { name: "stderr" }, "swift://~/out/data"),
];

/** Nothing of a set is left at the workers. */
async function expectNothingLeft(): Promise<void> {
  const left = () => workers.map(({ running, held, wires }) => [running, held, wires]);
  await expect.poll(left, { timeout: 5000 }).toEqual(Array(HOSTS).fill([0, 0, 0]));
}

function statesOf(report: { readonly instances: readonly { readonly state: string }[] }): string[] {
  return report.instances.map(({ state }) => state);
}

function stored(path: string): string | undefined {
  return swift.objects.get(path)?.bytes.toString();
}

describe("connected nodes in a cluster", () => {
  test("are a pipeline", async () => {
    const text = "0123456789abcdef".repeat(50_000);
    swift.put("/a/in/data", text);
    const { status, report } = await run(...PIPELINE);
    expect([status, statesOf(report)]).toEqual([200, ["ran", "ran", "ran"]]);
    expect(stored("/a/out/data") === text).toBe(true);
    await expectNothingLeft();
  });

  test("map and reduce", async () => {
    for (const name of ["a", "b", "c", "d"]) swift.put(`/a/in/${name}`, `${name},`);
    const input = { name: "stdin", path: "swift://~/in/*" };
    const { status } = await run(
      { name: "map", program: "bin/exchange", devices: [input], more: { connect: ["red"] } },
      {
        name: "red",
        program: "bin/exchange",
        devices: [{ name: "stdout", path: "swift://~/out/part.*" }],
        more: { count: 2 },
      },
    );
    expect(status).toBe(200);
    expect([stored("/a/out/part.red-1"), stored("/a/out/part.red-2")]).toEqual([
      "a,b,c,d,",
      "a,b,c,d,",
    ]);
    await expectNothingLeft();
  });

  test("of one group write to all others", async () => {
    const { status } = await run(circle(6));
    expect(status).toBe(200);
    expectSwapped(6);
    await expectNothingLeft();
  });

  test("and their copies agree", async () => {
    swift.put("/a/in/data", "what all of them read");
    const [first, second, third] = PIPELINE;
    if (first === undefined || second === undefined || third === undefined) return;
    const { status, report } = await run(first, { ...second, more: { replicate: 3 } }, third);
    expect([status, statesOf(report)]).toEqual([200, Array(5).fill("ran")]);
    expect(stored("/a/out/data")).toBe("what all of them read");
    await expectNothingLeft();
  });

  test("that are more than all places are refused at once", async () => {
    const { status, text } = await run(circle(HOSTS * PLACES + 1));
    expect(status).toBe(413);
    expect(text).toContain("needs 10 places at the same time; all workers together have 9");
    await expectNothingLeft();
  });

  test("run on the hosts that answer", async () => {
    swift.down.add(0);
    expect((await run(circle(6))).status).toBe(200);
    expectSwapped(6);
  });

  test("of two jobs that fit only one after the other both run", async () => {
    const jobs = await Promise.all([run(circle(7, "m")), run(circle(7, "n"))]);
    expect(jobs.map(({ status }) => status)).toEqual([200, 200]);
    expectSwapped(7, "m");
    expectSwapped(7, "n");
    await expectNothingLeft();
  });

  test("run from the start on other hosts when a worker ends", async () => {
    swift.put("/a/bin/swap", swappingGuest(SPINNING));
    const answer = run(circle(4));
    const busy = await busyWorker();
    await busy.stop(0);
    const { status, report } = await answer;
    expect([status, statesOf(report)]).toEqual([200, Array(4).fill("ran")]);
    expectSwapped(4);
    await expectNothingLeft();
  });

  test("fail together when a worker ends and the others have no room for them", async () => {
    swift.put("/a/bin/swap", swappingGuest(SPINNING));
    const answer = run(circle(9));
    await (await busyWorker()).stop(0);
    const { status, text } = await answer;
    expect(status).toBe(503);
    expect(text).toMatch(/needs 9 places at the same time, and all workers that answer have 6/);
    expect([...swift.objects.keys()].filter((path) => path.startsWith("/a/out/"))).toEqual([]);
    await expectNothingLeft();
  });

  test("name the node that they were not connected with", async () => {
    // Nobody comes to a door any more, as behind a firewall.
    for (const door of doors) door.close();
    const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
    const job = jobText(group(circle(6)));
    const timed = { ...headers, "X-Zerovm-Timeout": "1" };
    const { status, body } = await swift.ask("POST", "/v1/a", timed, job);
    expect(status).toBe(503);
    const lost = "its wire did not come about|it did not come within 1 s";
    expect(body.toString()).toMatch(
      new RegExp(`^n-\\d was not connected with node n-\\d: (${lost})$`),
    );
    expect([...swift.objects.keys()].filter((path) => path.startsWith("/a/out/"))).toEqual([]);
    await expectNothingLeft();
  });

  test("end everywhere when their job is cancelled", async () => {
    const answer = run(...LOOPING);
    await busyWorker();
    const { body } = await swift.ask("GET", "/jobs", {});
    const { jobs } = JSON.parse(body.toString()) as { jobs: { id: string }[] };
    expect((await swift.ask("DELETE", `/jobs/${jobs[0]?.id}`, {})).status).toBe(204);
    expect((await answer).status).toBe(499);
    await expectNothingLeft();
  });

  test("end everywhere when the coordinator does", async () => {
    const answer = run(...LOOPING).catch(() => undefined);
    await busyWorker();
    await coordinator.stop();
    await answer;
    await expectNothingLeft();
  });

  test("are all lost with one whose session is, which the report names", async () => {
    swift.put("/a/bin/trap", guestOf("unreachable"));
    const [first, second] = LOOPING;
    if (first === undefined || second === undefined) return;
    const { status, report } = await run(first, { ...second, program: "bin/trap" });
    expect(status).toBe(500);
    expect(report.instances[1]).toMatchObject({ name: "second", state: "failed" });
    await expectNothingLeft();
  });
});

/** Nodes that send their names to all others. */
function circle(count: number, name = "n"): GroupOptions {
  const devices = [{ name: "stdout", path: "swift://~/out/*" }];
  return { name, program: "bin/swap", devices, more: { count, connect: [name] } };
}

function expectSwapped(count: number, name = "n"): void {
  const all = Array.from({ length: count }, (_, index) => `${name}-${index + 1};;`);
  for (const [at, own] of all.entries()) {
    const others = all.filter((it) => it !== own).join("");
    expect(stored(`/a/out/${name}-${at + 1}`)).toBe(others);
  }
}

/** Takes a second or more. */
const SPINNING = `(local $left i64)
  (local.set $left (i64.const 1500000000))
  (loop $wait
    (local.set $left (i64.sub (local.get $left) (i64.const 1)))
    (br_if $wait (i64.ne (local.get $left) (i64.const 0))))`;

/** One of them waits for ever for the other. */
const LOOPING: GroupOptions[] = [
  { name: "first", program: "bin/loop", devices: [], more: { connect: ["second"] } },
  { name: "second", program: "bin/cat", devices: [{ name: "stdout" }] },
];

/** Waits until sessions are connected, and gives a worker of one. */
async function busyWorker(): Promise<Worker> {
  const busy = (): Worker | undefined => workers.find(({ wires, running }) => wires * running > 0);
  await expect.poll(busy, { timeout: 10_000 }).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const found = busy();
  if (found === undefined) throw new Error("no session runs any more");
  return found;
}
