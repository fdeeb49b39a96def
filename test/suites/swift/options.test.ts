import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  EXTRAS,
  POLICIES,
  type SwiftCluster,
  type SwiftNode,
  startCluster,
} from "../../../tools/swift/index.ts";
import { ClusterClient, infoOf, storedOn } from "./cluster-client.ts";

/** Servers are started again and again, and a busy machine takes its time for each. */
const DRILL_MS = 300_000;

let cluster: SwiftCluster;
let tester: ClusterClient;
beforeAll(async () => {
  cluster = await startCluster({ filters: false, coded: true, encrypted: true, counted: true });
  tester = new ClusterClient(cluster);
});
afterAll(async () => {
  await cluster?.stop();
});

const randomText = (length: number): string => randomBytes(length / 2).toString("hex");
const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

it("says what filters it has", async () => {
  const info = await infoOf(cluster);
  // Dynamic large objects are not told of.
  for (const name of EXTRAS.filter((extra) => extra !== "dlo")) {
    const told = { bulk: "bulk_upload", versioned_writes: "object_versioning" }[name as string];
    expect(info).toHaveProperty((told ?? name).replaceAll("-", "_"));
  }
});

it("encrypts what it stores, and nobody notices", async () => {
  const text = "plain to who asks".repeat(20);
  await tester.container("secret");
  await tester.put("/secret/o", text);
  expect(await tester.get("/secret/o")).toBe(text);
  const same = (node: SwiftNode) =>
    storedOn(node, "objects").filter(({ bytes }) => bytes.length === text.length);
  for (const node of cluster.nodes) {
    await expect.poll(() => same(node)).toHaveLength(1);
    expect(same(node)[0]?.bytes.includes("plain")).toBe(false);
  }
});

it(
  "keeps fragments by the second policy, and reads without one of them",
  async () => {
    const text = randomText(200_000);
    await tester.container("coded", { "X-Storage-Policy": POLICIES.coded });
    await tester.put("/coded/o", text);
    const numbers = new Set<string>();
    for (const node of cluster.nodes) {
      await expect.poll(() => storedOn(node, "objects-1")).toHaveLength(1);
      for (const { name, bytes } of storedOn(node, "objects-1")) {
        numbers.add(/#([012])#d\.data$/.exec(name)?.[1] ?? name);
        expect(bytes.length).toBeGreaterThan(text.length / 2);
        expect(bytes.length).toBeLessThan(text.length * 0.6);
      }
    }
    expect([...numbers].sort()).toEqual(["0", "1", "2"]);
    for (const node of cluster.nodes) {
      await node.servers.object.kill();
      expect(await tester.get("/coded/o")).toBe(text);
      await node.start();
    }
  },
  DRILL_MS,
);

it("counts the bytes between proxy and object servers", async () => {
  const text = randomText(1_000_000);
  await tester.container("counted");
  const before = cluster.traffic();
  await tester.put("/counted/o", text);
  const toServer = () =>
    cluster.traffic().map((node, at) => node.toServerBytes - (before[at]?.toServerBytes ?? 0));
  await expect.poll(() => Math.min(...toServer())).toBeGreaterThan(text.length);
  expect(Math.max(...toServer())).toBeLessThan(text.length * 1.05);
  const fromServer = () => sumOf(cluster.traffic().map((node) => node.fromServerBytes));
  const written = fromServer();
  expect(await tester.get("/counted/o")).toBe(text);
  expect(fromServer() - written).toBeGreaterThan(text.length);
  expect(fromServer() - written).toBeLessThan(text.length * 1.05);
  for (const { connections, fromServerBytes } of cluster.traffic()) {
    expect(sumOf(connections.map((one) => one.fromServerBytes))).toBe(fromServerBytes);
  }
});

it("keeps old versions", async () => {
  await tester.container("versions", { "X-Versions-Enabled": "true" });
  await tester.put("/versions/o", "old");
  await tester.put("/versions/o", "new");
  expect(await tester.get("/versions/o")).toBe("new");
  const listed = JSON.parse(await tester.get("/versions?versions&format=json"));
  const ids = listed.map(({ version_id }: { readonly version_id: string }) => version_id);
  expect(ids).toHaveLength(2);
  expect(await tester.get(`/versions/o?version-id=${ids[1]}`)).toBe("old");
});

it("refuses what is above the quota of a container or an account", async () => {
  await tester.container("small", { "X-Container-Meta-Quota-Bytes": "10" });
  await tester.put("/small/fits", "0123456789");
  expect(await tester.send("PUT", "/small/large", { body: "0123456789a" })).toBe(413);
  const reseller = new ClusterClient(cluster, cluster.users.reseller);
  const other = new ClusterClient(cluster, cluster.users.other);
  const headers = { "X-Account-Meta-Quota-Bytes": "10" };
  expect(await reseller.send("POST", other.storageUrl, { headers })).toBe(204);
  await other.container("c");
  expect(await other.send("PUT", "/c/large", { body: "0123456789a" })).toBe(413);
});

it("has links, pages and addresses that end", async () => {
  await tester.container("web", {
    "X-Container-Meta-Web-Index": "index.html",
    "X-Container-Read": ".r:*,.rlistings",
  });
  await tester.put("/web/index.html", "<p>a page</p>");
  const headers = { "X-Symlink-Target": "web/index.html" };
  expect(await tester.send("PUT", "/web/link", { headers, body: "" })).toBe(201);
  expect(await tester.get("/web/link")).toBe("<p>a page</p>");
  const fetched = async (url: string) => await (await fetch(url)).text();
  expect(await fetched(`${tester.storageUrl}/web/`)).toBe("<p>a page</p>");
  await tester.container("closed");
  await tester.put("/closed/o", "for a while");
  expect(await fetched(`${tester.storageUrl}/closed/o`)).toContain("Unauthorized");
  await tester.send("POST", "", { headers: { "X-Account-Meta-Temp-URL-Key": "key" } });
  const path = "/v1/AUTH_test/closed/o";
  const signed = (await tester.swift("tempurl", "GET", "600", path, "key")).trim();
  expect(await fetched(`${cluster.url}${signed}`)).toBe("for a while");
});
