import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { SwiftCluster, SwiftNode } from "../../../tools/swift/index.ts";
import { isAlive } from "../../support/alive.ts";
import { busyCell } from "./busy-cells.ts";
import { RIGHT, startFaulty } from "./faulty-cluster.ts";
import type { JobSender } from "./job-sender.ts";

let cluster: SwiftCluster;
let tester: JobSender;

beforeAll(async () => {
  ({ cluster, tester } = await startFaulty());
});
afterEach(async () => {
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

function signal({ worker }: SwiftNode, name: NodeJS.Signals): void {
  if (worker?.pid === undefined) throw new Error("no worker runs");
  process.kill(worker.pid, name);
}

it("runs a node elsewhere when its worker is killed, and leaves no process", async () => {
  const asked = run("bin/slow");
  const { node, pid } = await busyCell(cluster);
  signal(node, "SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  expect(await asked).toEqual(RIGHT);
});

it("says so when the cell of a session is killed, and goes on", async () => {
  const asked = run("bin/slow");
  const { pid } = await busyCell(cluster);
  process.kill(pid, "SIGKILL");
  const { status, text } = await asked;
  const said = expect.stringContaining("The cell was killed");
  expect({ status, text }).toEqual({ status: 500, text: said });
  expect(await run("bin/sum")).toEqual(RIGHT);
});

it("runs nodes where a worker is left, and says so where none is", async () => {
  for (const node of cluster.nodes) {
    await node.worker?.kill();
    if (node !== cluster.nodes.at(-1)) expect(await run("bin/sum")).toEqual(RIGHT);
  }
  const { status, text } = await run("bin/sum");
  expect(status).toBe(503);
  expect(text).toMatch(/No storage host could run node; the last, .*status 503, worker/);
  await cluster.nodes[0]?.worker?.start();
  expect(await run("bin/sum")).toEqual(RIGHT);
});

it("gives up a worker that takes nothing, and one that stops in the middle", async () => {
  const [first] = cluster.nodes;
  if (first === undefined) return;
  signal(first, "SIGSTOP");
  try {
    for (let time = 0; time < 3; time += 1) expect(await run("bin/sum")).toEqual(RIGHT);
  } finally {
    signal(first, "SIGCONT");
  }
  const asked = run("bin/slow");
  const { node, pid } = await busyCell(cluster);
  signal(node, "SIGSTOP");
  try {
    expect(await asked).toEqual(RIGHT);
  } finally {
    signal(node, "SIGCONT");
  }
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
});

it("runs a node elsewhere where a worker cannot write temporary files", async () => {
  const homes = cluster.nodes.map(({ name }) => join(cluster.folder, "homes", `${name}-worker`));
  try {
    for (const home of homes) {
      chmodSync(home, 0o500);
      if (home !== homes.at(-1)) expect(await run("bin/sum")).toEqual(RIGHT);
    }
    const { status, text } = await run("bin/sum");
    expect(status).toBe(503);
    expect(text).toMatch(/No storage host could run node; the last, .*status 500, failed/);
  } finally {
    for (const home of homes) chmodSync(home, 0o700);
  }
});

it("ends what runs in order when a worker is told to end", async () => {
  const asked = run("bin/slow");
  const { node } = await busyCell(cluster);
  const ended = node.worker?.stop("SIGTERM");
  expect(await asked).toEqual(RIGHT);
  await ended;
});
