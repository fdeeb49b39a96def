import { afterAll, beforeAll, expect, it } from "vitest";
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { COPYING_GUEST } from "../../support/guests.ts";
import { ClusterClient } from "./cluster-client.ts";

let cluster: SwiftCluster;
let tester: ClusterClient;
beforeAll(async () => {
  cluster = await startCluster({ sessions: 2, counted: true });
  tester = new ClusterClient(cluster);
  await tester.container("box");
  await tester.put("/box/copy.wasm", new Uint8Array(COPYING_GUEST));
  await tester.put("/box/data", DATA);
});
afterAll(async () => {
  await cluster?.stop();
});

const DATA = "what the object holds";
const JOB = [
  {
    name: "copy",
    exec: { path: "swift://~/box/copy.wasm" },
    devices: [{ name: "stdin", path: "swift://~/box/data" }, { name: "stdout" }],
  },
];

it("runs a job beside its object", async () => {
  expect(await tester.run(JOB)).toEqual({ status: 200, text: DATA });
});

it("runs it without any one storage node", async () => {
  for (const node of cluster.nodes) {
    await node.kill();
    expect(await tester.run(JOB)).toEqual({ status: 200, text: DATA });
    await node.start();
  }
}, 300_000);

it("says so where no worker is left, and runs jobs again when they are back", async () => {
  const workers = cluster.nodes.flatMap(({ worker }) => (worker === undefined ? [] : [worker]));
  expect(workers).toHaveLength(3);
  await Promise.all(workers.map((worker) => worker.kill()));
  const { status, text } = await tester.run(JOB);
  expect({ status, text }).toEqual({ status: 503, text: expect.stringContaining("worker") });
  expect(await tester.get("/box/data")).toBe(DATA);
  await Promise.all(workers.map((worker) => worker.start()));
  expect(await tester.run(JOB)).toEqual({ status: 200, text: DATA });
});

it("says so where there is no coordinator, and stores objects all the same", async () => {
  await cluster.coordinator?.stop();
  expect(await tester.run(JOB)).toEqual({
    status: 503,
    text: expect.stringContaining("The coordinator of ZeroCloud does not answer"),
  });
  await tester.put("/box/meanwhile", "stored");
  expect(await tester.get("/box/meanwhile")).toBe("stored");
  await cluster.coordinator?.start();
  expect(await tester.run(JOB)).toEqual({ status: 200, text: DATA });
});
