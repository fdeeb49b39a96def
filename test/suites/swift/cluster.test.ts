import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { markedProcesses, type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { temporaryFolders } from "../../support/temporary-folder.ts";
import { ClusterClient, copiesOn, infoOf, listingOn } from "./cluster-client.ts";

const newFolder = temporaryFolders();

/** Servers are started again and again, and a busy machine takes its time for each. */
const DRILL_MS = 300_000;

let cluster: SwiftCluster;
let tester: ClusterClient;
beforeAll(async () => {
  cluster = await startCluster({ filters: false, extras: ["slo"] });
  tester = new ClusterClient(cluster);
});
afterAll(async () => {
  await cluster?.stop();
  expect(existsSync(cluster.folder)).toBe(false);
  expect(markedProcesses(cluster.folder)).toEqual([]);
});

function fileOf(text: string): string {
  const path = join(newFolder(), "file");
  writeFileSync(path, text);
  return path;
}

it("keeps what python-swiftclient and curl send", async () => {
  await tester.swift("upload", "kept", fileOf("one"), "--object-name", "by swift");
  const status = await tester.curl("/kept/by-curl", "-T", fileOf("two"), "-w", "%{http_code}");
  expect(status).toMatch(/201$/);
  expect(await tester.swift("download", "kept", "by-curl", "-o", "-")).toBe("two");
  expect(await tester.curl("/kept/by%20swift")).toBe("one");
  expect(await tester.swift("list", "kept")).toBe("by swift\nby-curl\n");
});

it("has each object three times, on three nodes", async () => {
  const text = "three times, whatever becomes of one";
  await tester.container("copies");
  await tester.put("/copies/o", text);
  for (const node of cluster.nodes) await expect.poll(() => copiesOn(node, text)).toHaveLength(1);
});

it("has users who own an account, and one who owns none", async () => {
  await tester.container("own");
  await tester.put("/own/o", "mine");
  const reader = new ClusterClient(cluster, cluster.users.reader);
  expect(await reader.send("GET", "/own/o")).toBe(403);
  await tester.container("own", { "X-Container-Read": "test:reader" });
  expect(await reader.get("/own/o")).toBe("mine");
  const other = new ClusterClient(cluster, cluster.users.other);
  await other.container("theirs");
  expect(await tester.send("GET", `${other.storageUrl}/theirs`)).toBe(403);
});

it("has only the filters that were asked for", async () => {
  const info = await infoOf(cluster);
  expect(info).toHaveProperty("slo");
  for (const left of ["symlink", "object_versioning", "tempurl", "container_quotas"]) {
    expect(info).not.toHaveProperty(left);
  }
});

it("keeps Swift's files from the users of workers", () => {
  for (const node of cluster.nodes) {
    expect(statSync(node.devices).mode & 0o077).toBe(0);
  }
});

it(
  "goes on reading and writing without any one node",
  async () => {
    await tester.container("drill");
    await tester.put("/drill/before", "before");
    for (const node of cluster.nodes) {
      await node.kill();
      expect(node.processes.flatMap(({ pids }) => pids)).toEqual([]);
      expect(await tester.get("/drill/before")).toBe("before");
      await tester.put(`/drill/without-${node.name}`, node.name);
      expect(await tester.get(`/drill/without-${node.name}`)).toBe(node.name);
      expect(copiesOn(node, node.name)).toEqual([]);
      await node.start();
    }
    await Promise.all(cluster.nodes.map((node) => node.catchUp()));
    const names = ["before", "without-node1", "without-node2", "without-node3"];
    for (const node of cluster.nodes)
      expect(await listingOn(node, "AUTH_test/drill")).toEqual(names);
  },
  DRILL_MS,
);

it("starts one server again, at the same port", async () => {
  for (const node of cluster.nodes.slice(0, 1)) {
    const { object } = node.servers;
    const before = object.pid;
    await object.stop();
    expect({ pid: object.pid, pids: object.pids }).toEqual({ pid: undefined, pids: [] });
    await object.start();
    expect(object.pid).not.toBe(before);
    await tester.container("again");
    await tester.put("/again/o", "to all three");
    await expect.poll(() => copiesOn(node, "to all three")).toHaveLength(1);
  }
});
