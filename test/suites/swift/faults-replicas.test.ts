import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { isAlive } from "../../support/alive.ts";
import { LOOPING_GUEST } from "../../support/guests.ts";
import { busyCell } from "./busy-cells.ts";
import { SUMMING_GUEST, sumOf } from "./cluster-guests.ts";
import { JobSender } from "./job-sender.ts";
import { filesWith, loseFiles } from "./stored-files.ts";

let cluster: SwiftCluster;
let tester: JobSender;

beforeAll(async () => {
  cluster = await startCluster({ sessions: 1 });
  tester = new JobSender(cluster);
  await tester.container("data");
  await tester.container("bin");
  await tester.put("/bin/sum", SUMMING_GUEST);
  await tester.put("/bin/loop", LOOPING_GUEST);
});
afterAll(async () => {
  await cluster?.stop();
});

async function sum(object: string) {
  const devices = { stdin: tester.url(`data/${object}`), stdout: undefined };
  const { status, text } = await tester.run("bin/sum", devices);
  return { status, text };
}

async function putOnAll(object: string, text: string): Promise<void> {
  await tester.put(`/data/${object}`, text);
  for (const node of cluster.nodes) await expect.poll(() => filesWith(node, text)).toHaveLength(1);
}

/** Takes all places of all workers, until it is told to give them back. */
async function occupy(): Promise<() => Promise<void>> {
  const nodes = cluster.nodes.map(({ name }) => {
    return { ...tester.node("bin/loop", { stdout: undefined }), name };
  });
  const leaving = new AbortController();
  const ended = tester.job(nodes, { signal: leaving.signal }).catch(() => undefined);
  const held: number[] = [];
  while (held.length < nodes.length) {
    const { pid } = await busyCell(cluster);
    process.kill(pid, "SIGSTOP");
    held.push(pid);
  }
  return async () => {
    leaving.abort();
    await ended;
    for (const pid of held) if (isAlive(pid)) process.kill(pid, "SIGCONT");
  };
}

/** Waits until a worker was asked to run something over an object. */
async function untilAsked(object: string): Promise<void> {
  const asked = new RegExp(`"GET /d1/\\d+/AUTH_test/data/${object}"`);
  const logs = cluster.nodes.map(({ servers }) => servers.object.log);
  await expect
    .poll(() => logs.some((log) => asked.test(readFileSync(log, "utf8"))), { timeout: 20_000 })
    .toBe(true);
}

it("reads the last replica that is left, wherever that is", async () => {
  for (const kept of cluster.nodes) {
    const text = `only ${kept.name} has this`;
    await putOnAll(kept.name, text);
    for (const node of cluster.nodes) {
      if (node !== kept) expect(loseFiles(node, text)).toBe(1);
    }
    expect(await sum(kept.name)).toEqual({ status: 200, text: sumOf(text) });
  }
});

it("refuses an object without any replica by its name", async () => {
  await putOnAll("gone", "soon gone");
  for (const node of cluster.nodes) loseFiles(node, "soon gone");
  const { status, text } = await sum("gone");
  expect(status).toBe(404);
  expect(text).toContain("Error 404 Not Found while fetching /AUTH_test/data/gone");
});

it("never reads a replica of yesterday", async () => {
  const [first] = cluster.nodes;
  await putOnAll("two", "yesterday");
  await first?.servers.object.kill();
  await tester.put("/data/two", "today, and longer");
  await first?.servers.object.start();
  expect(first && filesWith(first, "yesterday")).toHaveLength(1);
  for (let time = 0; time < 6; time += 1) {
    expect(await sum("two")).toEqual({ status: 200, text: sumOf("today, and longer") });
  }
});

it("reads what an object is by the time that its program gets it", async () => {
  await putOnAll("later", "before");
  const giveBack = await occupy();
  const asked = sum("later");
  await untilAsked("later");
  await tester.put("/data/later", "after that");
  await giveBack();
  expect(await asked).toEqual({ status: 200, text: sumOf("after that") });
});

it("refuses an object that is deleted before its program gets it", async () => {
  await putOnAll("short", "short life");
  const giveBack = await occupy();
  const asked = sum("short");
  await untilAsked("short");
  expect((await tester.send("DELETE", "/data/short")).status).toBe(204);
  await giveBack();
  const { status, text } = await asked;
  expect(status).toBe(404);
  expect(text).toContain("Error 404 Not Found while fetching /AUTH_test/data/short");
});
