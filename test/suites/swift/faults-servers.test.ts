import { readdirSync, readlinkSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { ServerProcess, SwiftCluster } from "../../../tools/swift/index.ts";
import { isAlive } from "../../support/alive.ts";
import { LOOPING_GUEST } from "../../support/guests.ts";
import { busyCell } from "./busy-cells.ts";
import { RIGHT, startFaulty } from "./faulty-cluster.ts";
import type { JobSender } from "./job-sender.ts";

/** Less than the time after which a session would end by itself. */
const SOON = { timeout: 7000 };

let cluster: SwiftCluster;
let tester: JobSender;

beforeAll(async () => {
  ({ cluster, tester } = await startFaulty());
  await tester.put("/bin/loop", LOOPING_GUEST);
});
afterEach(async () => {
  await Promise.all([cluster.proxy.start(), cluster.coordinator?.start()]);
  for (const node of cluster.nodes) await node.start();
});
afterAll(async () => {
  await cluster?.stop();
});

async function run(program: string) {
  const devices = { stdin: tester.url("data/o"), stdout: undefined };
  const { status, text } = await tester.run(program, devices);
  return { status, text };
}

/** A job that stores what it has in the end. */
async function storing(program: string, object: string, signal?: AbortSignal) {
  const devices = { stdin: tester.url("data/o"), stdout: tester.url(`data/${object}`) };
  return await tester.run(program, devices, signal && { signal });
}

async function expectEnded(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), SOON).toBe(false);
}

it("runs a node elsewhere when its object server is killed in the middle", async () => {
  const asked = run("bin/slow");
  const { node, pid } = await busyCell(cluster);
  await node.servers.object.kill();
  expect(await asked).toEqual(RIGHT);
  await expectEnded(pid);
});

it("runs a node elsewhere when all of its machine is lost, before and in the middle", async () => {
  const asked = run("bin/slow");
  const { node } = await busyCell(cluster);
  await node.kill();
  expect(await asked).toEqual(RIGHT);
  expect(await run("bin/sum")).toEqual(RIGHT);
});

it("answers 503 when the coordinator is killed in the middle, and stores nothing", async () => {
  const asked = storing("bin/loop", "unstored");
  const { pid } = await busyCell(cluster);
  await cluster.coordinator?.kill();
  const { status, text } = await asked;
  expect(status).toBe(503);
  expect(text).toContain("coordinator of ZeroCloud does not answer");
  await expectEnded(pid);
  expect((await run("bin/sum")).status).toBe(503);
  await cluster.coordinator?.start();
  expect(await tester.get("/data/unstored")).toBe("status 404");
  expect(await run("bin/sum")).toEqual(RIGHT);
});

it("ends a job whose proxy is killed, and stores nothing", async () => {
  const asked = storing("bin/loop", "unproxied").catch((error: unknown) => error);
  const { pid } = await busyCell(cluster);
  await cluster.proxy.kill();
  expect(await asked).toBeInstanceOf(Error);
  await expectEnded(pid);
  await cluster.proxy.start();
  expect(await tester.get("/data/unproxied")).toBe("status 404");
  expect(await run("bin/sum")).toEqual(RIGHT);
});

it("ends a job whose client goes away, and leaves nothing open", async () => {
  await run("bin/sum");
  const before = openIn(cluster.coordinator).length;
  for (let time = 0; time < 3; time += 1) {
    const leaving = new AbortController();
    const asked = storing("bin/loop", "left", leaving.signal).catch((error: unknown) => error);
    const { pid } = await busyCell(cluster);
    leaving.abort();
    expect(await asked).toBeInstanceOf(Error);
    await expectEnded(pid);
  }
  expect(await tester.get("/data/left")).toBe("status 404");
  await expect.poll(() => openIn(cluster.coordinator).length, SOON).toBeLessThanOrEqual(before + 2);
  // Programs are kept; objects are not.
  const isObject = (path: string): boolean => path.startsWith(`${cluster.folder}/node`);
  for (const { worker } of cluster.nodes) {
    expect(openIn(worker).length).toBeGreaterThan(0);
    await expect.poll(() => openIn(worker).filter(isObject), SOON).toEqual([]);
  }
});

it("ends jobs in order when the coordinator is told to end", async () => {
  const asked = storing("bin/slow", "stored");
  await busyCell(cluster);
  const ended = cluster.coordinator?.stop("SIGTERM");
  const { status } = await asked;
  await ended;
  await cluster.coordinator?.start();
  const stored = await tester.get("/data/stored");
  expect({ status, stored }).toEqual({ status: 200, stored: RIGHT.text });
});

/** What the descriptors of a server stand for. */
function openIn(server: ServerProcess | undefined): string[] {
  const folder = `/proc/${server?.pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/${fd}`)];
    } catch {
      return [];
    }
  });
}
