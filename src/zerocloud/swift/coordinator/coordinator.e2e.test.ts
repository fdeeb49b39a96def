import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  COPYING_GUEST,
  exitingGuest,
  guestOf,
  LOOPING_GUEST,
  writingGuest,
} from "../../../../test/support/guests.ts";
import { type GroupOptions, group, jobText } from "../../../../test/support/job-folder.ts";
import type { SwiftReply } from "../../../../test/support/stand-in-object-server.ts";
import { StandInSwift } from "../../../../test/support/stand-in-swift.ts";
import {
  QUIET_LOG,
  SECRET,
  startCoordinator,
} from "../../../../test/support/tested-coordinator.ts";
import { Health, Metrics } from "../../metrics/index.ts";
import { JobHost } from "../../run/index.ts";
import { type Coordinator, Worker } from "../index.ts";
import { BroughtRoom } from "../worker/brought-room.ts";

/** That may be brought to a worker. */
const BROUGHT_MAX = 2 ** 20;
/** Quicker than others, and not much less patient. */
const PULSE = { everyMs: 250, unheardMax: 8 };

let folder: string;
let swift: StandInSwift;
let coordinator: Coordinator;
let hosts: JobHost[];
let workers: Worker[];
let rooms: BroughtRoom[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cluster-"));
  const coordinatorSocket = join(folder, "coordinator");
  const workerSockets = [join(folder, "worker0"), join(folder, "worker1")];
  hosts = workerSockets.map(() => new JobHost());
  rooms = [];
  workers = workerSockets.map((socket, at) => {
    const host = hosts[at] ?? new JobHost();
    const metrics = new Metrics();
    const brought = new BroughtRoom({
      "jobs.broughtBytes": BROUGHT_MAX,
      "jobs.broughtBytesPerWorker": BROUGHT_MAX,
    });
    rooms.push(brought);
    const health = new Health();
    return new Worker({ socket, host, sessions: 2, brought, log: QUIET_LOG, health, metrics });
  });
  for (const worker of workers) await worker.start();
  coordinator = await startCoordinator(coordinatorSocket, { pulse: PULSE });
  swift = await StandInSwift.start({ folder, coordinatorSocket, workerSockets, secret: SECRET });
  swift.put("/a/bin/cat", COPYING_GUEST);
  swift.put("/a/bin/hello", writingGuest("hello"));
  swift.put("/a/c/text", "the text of an object");
});

afterEach(async () => {
  await coordinator.stop();
  for (const worker of workers) await worker.stop(0);
  for (const host of hosts) await host.close();
  await swift.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...groups: GroupOptions[]): Promise<SwiftReply> {
  const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
  return await swift.ask("POST", "/v1/a", headers, jobText(...groups.map(group)));
}

function cat(object: string, output: Readonly<Record<string, unknown>> = {}): GroupOptions {
  const input = { name: "stdin", path: `swift://~/c/${object}` };
  return { program: "bin/cat", devices: [input, { name: "stdout", ...output }] };
}

function whats(): string[] {
  return swift.errands.map(({ what }) => what);
}

test("a node reads its object where it lies", async () => {
  const { status, headers, body } = await run(cat("text"));
  expect([status, body.toString()]).toEqual([200, "the text of an object"]);
  expect(headers["x-nexe-status"]).toBe("ok.");
  expect(new Set(whats())).toEqual(new Set(["here"]));
});

test("a program comes once to each worker", async () => {
  const large = "a".repeat(100_000);
  const memory = '(memory (export "memory") 4)';
  swift.put("/a/bin/large", guestOf("(nop)", `(data (i32.const 4096) "${large}")`, memory));
  for (let at = 0; at < 6; at += 1) await run({ program: "bin/large" });
  const sent = swift.errands.filter(({ sentBytes }) => sentBytes > large.length);
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.length).toBeLessThanOrEqual(workers.length);
});

test("nodes for all objects of a wildcard give their answers in order", async () => {
  for (let at = 0; at < 9; at += 1) swift.put(`/a/c/part${at}`, `${at};`);
  const { status, body } = await run(cat("part*"));
  expect([status, body.toString()]).toEqual([200, "0;1;2;3;4;5;6;7;8;"]);
});

test("what a node stores goes through the proxy", async () => {
  const { status } = await run(cat("text", { path: "swift://~/c/copy", content_type: "text/x" }));
  expect(status).toBe(200);
  const copy = swift.objects.get("/a/c/copy");
  expect([copy?.bytes.toString(), copy?.type]).toEqual(["the text of an object", "text/x"]);
});

// Without a word of it a host is waited for longer than the test is.
test("a node runs elsewhere where its host says nothing any more", async () => {
  for (const at of workers.keys()) {
    swift.silent.clear();
    swift.silent.add(at);
    const { status, body } = await run(cat("text"));
    expect([status, body.toString()]).toEqual([200, "the text of an object"]);
  }
}, 60_000);

test("a host is heard while all its places are taken", async () => {
  const own = { "X-Zerovm-Execute": "1.0", "X-Zerovm-Timeout": "5" };
  const headers = { ...own, "Content-Type": "application/json" };
  swift.put("/a/bin/loop", LOOPING_GUEST);
  const loops = ["a", "b", "c", "d"].map((name) => group({ name, program: "bin/loop" }));
  const { body } = await swift.ask("POST", "/v1/a", headers, jobText(...loops));
  expect(body.toString()).toContain("session timeout");
});

test("a node that reads nothing runs anywhere", async () => {
  const { body } = await run({ program: "bin/hello" });
  expect(body.toString()).toBe("hello");
  expect(new Set(whats())).toEqual(new Set(["nothing"]));
});

test("bytes that no file holds are brought", async () => {
  swift.notInPlace.add("/a/c/text");
  const { body } = await run(cat("text"));
  expect(body.toString()).toBe("the text of an object");
  expect(whats()).toContain("stream");
  expect(whats()).not.toContain("here");
});

test.each(["calls", "answers", "bodies"])(
  "%s of a filter are nothing to a client",
  async (kind) => {
    const path = `/${kind}/${"0".repeat(32)}${kind === "calls" ? "" : "/1"}`;
    // As the filter passes on what has the header of a job, whatever its path.
    const { status, body } = await swift.ask("GET", path, { "X-Zerovm-Execute": "1.0" });
    expect(status).toBe(501);
    expect(body.toString()).not.toContain('"op"');
  },
);

test("where nodes would run, and why, is told without running them", async () => {
  const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
  const job = jobText(group(cat("text")), group({ name: "m", program: "bin/hello" }));
  const { status, body } = await swift.ask("POST", "/v1/a?format=plan", headers, job);
  expect(status).toBe(200);
  const label = expect.stringMatching(/^r1z[01]-[0-9a-f]{6}$/);
  const beside = expect.stringMatching(
    /^beside its input \/a\/c\/text \(21 bytes\), replica \d of 2/,
  );
  expect(JSON.parse(body.toString()).nodes).toMatchObject([
    { id: 1, node: "n", copy: 0, host: label, why: beside, further: [label] },
    { id: 2, node: "m", copy: 0, host: label, why: "anywhere: it reads nothing stored" },
  ]);
  expect(swift.errands).toEqual([]);
});

test("a plan over what is missing is refused as the job would be", async () => {
  const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
  const job = jobText(group(cat("nothing")));
  const { status, body } = await swift.ask("POST", "/v1/a?format=plan", headers, job);
  expect(status).toBe(404);
  expect(body.toString()).toContain("while fetching /a/c/nothing");
});

test("a node that more would be brought for than may be is refused, and the next one runs", async () => {
  swift.put("/a/c/huge", Buffer.alloc(BROUGHT_MAX + 1));
  for (const at of [0, 1]) swift.withoutFiles.add(at);
  const { status, body } = await run(cat("huge"));
  expect(status).toBe(413);
  expect(body.toString()).toContain(
    `What node n reads from elsewhere, its program and images included, has more than the ` +
      `${BROUGHT_MAX} bytes that may be brought to a worker`,
  );
  expect(body.toString()).toContain("have jobs.broughtBytes raised");
  expect((await run(cat("text"))).body.toString()).toBe("the text of an object");
});

test("a node that finds no room for what is brought waits until there is some", async () => {
  for (const at of [0, 1]) swift.withoutFiles.add(at);
  const others = rooms.map((room) => room.enter("other"));
  for (const other of others) other.need(BROUGHT_MAX);
  let isAnswered = false;
  const answer = run(cat("text")).finally(() => {
    isAnswered = true;
  });
  await expect.poll(() => swift.errands.length, { timeout: 10_000 }).toBeGreaterThan(4);
  expect(isAnswered).toBe(false);
  for (const other of others) other.leave();
  const { status, body } = await answer;
  expect([status, body.toString()]).toEqual([200, "the text of an object"]);
  await expect.poll(() => rooms.map(({ bytes }) => bytes)).toEqual([0, 0]);
});

test("the bytes come where an object is in no file that could be handed on", async () => {
  for (const at of [0, 1]) swift.withoutFiles.add(at);
  const { body } = await run(cat("text"));
  expect(body.toString()).toBe("the text of an object");
  expect(new Set(whats())).toEqual(new Set(["here"]));
});

test("an old replica is not read", async () => {
  for (const at of [0, 1]) {
    const old = { bytes: Buffer.from("old"), type: "", meta: {}, timestamp: "1.00000" };
    swift.old.set(`${at} /a/c/text`, old);
    const { body } = await run(cat("text"));
    expect(body.toString()).toBe("the text of an object");
  }
});

test("a host that does not answer has its nodes run by another", async () => {
  swift.down.add(0);
  const answers = await Promise.all([run(cat("text")), run(cat("text")), run(cat("text"))]);
  expect(answers.map(({ body }) => body.toString())).toEqual(
    Array(3).fill("the text of an object"),
  );
});

test("no host that answers is a refusal that names the last one", async () => {
  for (const at of [0, 1]) swift.down.add(at);
  const { status, body } = await run(cat("text"));
  expect(status).toBe(503);
  expect(body.toString()).not.toContain("127.0.0.1");
  expect(body.toString()).toMatch(
    /No storage host could run n; the last, r1z\d-[0-9a-f]{6}: it was lost/,
  );
});

test("more nodes than workers have sessions wait for their turn", async () => {
  for (let at = 0; at < 12; at += 1) swift.put(`/a/c/many${at}`, "x");
  const { status, body } = await run(cat("many*"));
  expect([status, body.length]).toEqual([200, 12]);
});

test("objects that are missing are told of as on one machine", async () => {
  const { status, body } = await run(cat("nothing"));
  expect(status).toBe(404);
  expect(body.toString()).toContain("Error 404 Not Found while fetching /a/c/nothing");
});

test("a program's own failure is told, and not tried elsewhere", async () => {
  swift.put("/a/bin/exit", exitingGuest(3));
  const { headers } = await run({ program: "bin/exit" });
  expect(headers["x-nexe-retcode"]).toBe("3");
  const ran = swift.errands.filter(({ sentBytes }) => sentBytes > 0);
  // One order that names the program, and one that has it.
  expect(ran.length).toBeLessThanOrEqual(2);
});

test("the result of a deferred job is stored when the answer is out", async () => {
  const headers = {
    "X-Zerovm-Execute": "1.0",
    "Content-Type": "application/json",
    "X-Zerovm-Deferred": "always",
  };
  const job = jobText(group(cat("text")));
  const { status, body } = await swift.ask("POST", "/v1/a", headers, job);
  expect(status).toBe(200);
  const path = body
    .toString()
    .trim()
    .replace(/^swift:\//, "");
  await expect.poll(() => swift.objects.get(path)?.bytes.toString()).toBe("the text of an object");
});

test("a job that is cancelled while it runs is told so", async () => {
  swift.put("/a/bin/loop", LOOPING_GUEST);
  const answer = run({ program: "bin/loop" });
  const running = async (): Promise<string | undefined> => {
    const { body } = await swift.ask("GET", "/jobs", {});
    const { jobs } = JSON.parse(body.toString()) as { jobs: { id: string; state: string }[] };
    return jobs.find(({ state }) => state === "running")?.id;
  };
  await expect.poll(running).toBeDefined();
  // It may be sent, or still be on its way.
  await expect.poll(() => swift.errands.length).toBeGreaterThan(0);
  expect((await swift.ask("DELETE", `/jobs/${await running()}`, {})).status).toBe(204);
  const { status, body } = await answer;
  expect([status, body.toString()]).toEqual([499, "The job was cancelled\n"]);
});

test("a part that an object does not have is no fault of a host", async () => {
  const headers = { "X-Zerovm-Run": "swift://a/bin/cat", "X-Zerovm-Range": "bytes=100-" };
  const { status, body } = await swift.ask("GET", "/v1/a/c/text", headers);
  expect([status, body.toString()]).toEqual([416, "Error 416 while fetching /a/c/text"]);
});

test("what is missing is named as on one machine", async () => {
  const ask = async (path: string) => (await swift.ask("GET", path, {})).body.toString();
  expect(await ask("/open/a/c/none")).toContain("There is no object a/c/none\n");
  expect(await ask("/open/a/none/none")).toContain("There is no container a/none\n");
});

test("a coordinator without the secret of the object servers runs nothing", async () => {
  await swift.close();
  const coordinatorSocket = join(folder, "coordinator");
  const workerSockets = [join(folder, "worker0"), join(folder, "worker1")];
  const { objects, containers } = swift;
  swift = await StandInSwift.start({ folder, coordinatorSocket, workerSockets, secret: "other" });
  for (const [path, object] of objects) swift.objects.set(path, object);
  for (const path of containers) swift.containers.add(path);
  const { status } = await run(cat("text"));
  expect(status).toBe(503);
  expect(new Set(whats())).toEqual(new Set(["unsigned"]));
});
