import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { COPYING_GUEST } from "../../support/guests.ts";
import { SUMMING_GUEST, sumOf } from "./cluster-guests.ts";
import { JobSender } from "./job-sender.ts";

let cluster: SwiftCluster;
let tester: JobSender;

beforeAll(async () => {
  cluster = await startCluster();
  tester = new JobSender(cluster);
  for (const name of ["data", "bin", "segments"]) await tester.container(name);
  await tester.put("/bin/sum", SUMMING_GUEST);
  await tester.put("/bin/copy", COPYING_GUEST);
  await tester.put("/data/o", "an object");
});
afterAll(async () => {
  await cluster?.stop();
});

async function sum(path: string) {
  const devices = { stdin: tester.url(path), stdout: undefined };
  const { status, text } = await tester.run("bin/sum", devices);
  return { status, text };
}

/** Copies an object by a job. */
async function copy(from: string, to: string) {
  const { status, text, headers } = await tester.run("bin/copy", {
    stdin: tester.url(from),
    stdout: tester.url(to),
  });
  return { status, text, error: headers["x-nexe-error"] };
}

function right(text: string) {
  return { status: 200, text: sumOf(text) };
}

describe("what a job reads", () => {
  it("may be a large object, static or dynamic", async () => {
    const texts = ["a".repeat(2 ** 20), "b".repeat(2 ** 20), "c"];
    for (const [at, text] of texts.entries()) await tester.put(`/segments/s${at}`, text);
    const list = texts.map((_, at) => ({ path: `/segments/s${at}` }));
    const manifest = JSON.stringify(list);
    await tester.put("/data/static?multipart-manifest=put", manifest);
    await tester.put("/data/dynamic", "", { "X-Object-Manifest": "segments/s" });
    expect(await sum("data/static")).toEqual(right(texts.join("")));
    expect(await sum("data/dynamic")).toEqual(right(texts.join("")));
    // A segment that a job stores is one of the dynamic object, and not of the static one.
    expect((await copy("data/o", "segments/s3")).status).toBe(200);
    expect(await sum("data/dynamic")).toEqual(right(`${texts.join("")}an object`));
    expect((await copy("data/o", "segments/s1")).status).toBe(200);
    const { status, text } = await sum("data/static");
    expect(status).toBe(503);
    expect(text).toContain("while fetching /AUTH_test/data/static");
  });

  it("may be a symlink, and so may its program", async () => {
    const etag = createHash("md5").update("an object").digest("hex");
    await tester.put("/data/link", "", { "X-Symlink-Target": "data/o" });
    const fixed = { "X-Symlink-Target": "data/o", "X-Symlink-Target-Etag": etag };
    await tester.put("/data/fixed", "", fixed);
    await tester.put("/bin/linked", "", { "X-Symlink-Target": "bin/sum" });
    for (const name of ["link", "fixed"]) {
      expect(await sum(`data/${name}`)).toEqual(right("an object"));
    }
    const devices = { stdin: tester.url("data/link"), stdout: undefined };
    expect(await tester.run("bin/linked", devices)).toMatchObject(right("an object"));
    await tester.put("/data/nowhere", "", { "X-Symlink-Target": "data/none" });
    expect(await sum("data/nowhere")).toMatchObject({ status: 404 });
  });

  it("may be empty, and is not there when it has expired", async () => {
    await tester.put("/data/empty", "");
    expect(await sum("data/empty")).toEqual(right(""));
    await tester.put("/data/expiring", "x", { "X-Delete-After": "1" });
    await expect
      .poll(() => sum("data/expiring"), { timeout: 10_000 })
      .toEqual({
        status: 404,
        text: "Error 404 Not Found while fetching /AUTH_test/data/expiring",
      });
  });

  it("may have any name that a job can write", async () => {
    const names = ["ünï ☃", "a b", "q?x", "h#x", "p%2Fx", "plus+&=;,\"'", "sl//a/", "[x]", "\\b"];
    for (const name of names) {
      await tester.put(`/data/${encodeURIComponent(name)}`, name);
      expect({ name, ...(await sum(`data/${name}`)) }).toEqual({ name, ...right(name) });
      expect((await copy(`data/${name}`, `data/copy of ${name}`)).status).toBe(200);
      expect(await tester.get(`/data/${encodeURIComponent(`copy of ${name}`)}`)).toBe(name);
    }
    await tester.put("/data/two%0Alines", "two");
    const { status, text } = await sum("data/two\nlines");
    expect({ status, text: text.split("\n")[0] }).toEqual({
      status: 400,
      text: "Invalid path: swift://AUTH_test/data/two\\nlines (/0/file_list/0/path)",
    });
  });

  it("may be large, and takes no memory of the worker", async () => {
    const large = Buffer.alloc(200_000_000, "abcdefgh");
    await tester.put("/data/large", large);
    expect(await sum("data/large")).toEqual({ status: 200, text: String(25_000_000 * 804) });
    for (const { worker } of cluster.nodes) {
      const status = readFileSync(`/proc/${worker?.pid}/status`, "latin1");
      const most = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThan(200_000);
    }
  });
});

describe("what a job stores", () => {
  it("is a new version, and the old one is kept", async () => {
    await tester.container("versioned", { "X-Versions-Enabled": "true" });
    await tester.put("/versioned/o", "old");
    expect((await copy("data/o", "versioned/o")).status).toBe(200);
    expect(await sum("versioned/o")).toEqual(right("an object"));
    const { text } = await tester.send("GET", "/versioned?versions&format=json");
    const versions = JSON.parse(text) as { readonly bytes: number }[];
    expect(versions.map(({ bytes }) => bytes)).toEqual(["an object".length, "old".length]);
  });

  it("is refused beyond a quota, of a container or an account", async () => {
    await tester.container("narrow", { "X-Container-Meta-Quota-Bytes": "5" });
    const refused = { status: 413, text: "" };
    expect(await copy("data/o", "narrow/o")).toEqual({
      ...refused,
      error: "Status 413 Request Entity Too Large when putting /AUTH_test/narrow/o",
    });
    expect(await tester.get("/narrow/o")).toBe("status 404");
    const reseller = new JobSender(cluster, cluster.users.reseller);
    const other = new JobSender(cluster, cluster.users.other);
    await other.container("c");
    await tester.container("open", { "X-Container-Read": ".r:*" });
    await tester.put("/open/o", "public");
    await tester.put("/open/copy", COPYING_GUEST);
    const quota = { headers: { "X-Account-Meta-Quota-Bytes": "1" } };
    expect((await reseller.send("POST", "AUTH_other", quota)).status).toBe(204);
    const program = { path: tester.url("open/copy") };
    const file_list = [
      { device: "stdin", path: tester.url("open/o") },
      { device: "stdout", path: other.url("c/o") },
    ];
    const answer = await other.job([{ name: "node", exec: program, file_list }]);
    expect(answer).toMatchObject(refused);
    expect(answer.headers["x-nexe-error"]).toContain("/AUTH_other/c/o");
    expect(await other.get("/c/o")).toBe("status 404");
  });
});

it("runs no job for a signed URL", async () => {
  const key = { headers: { "X-Account-Meta-Temp-URL-Key": "key" } };
  expect((await tester.send("POST", "", key)).status).toBe(204);
  const path = "/v1/AUTH_test/data/o";
  const expires = Math.floor(Date.now() / 1000) + 600;
  const signed = createHmac("sha256", "key").update(`GET\n${expires}\n${path}`).digest("hex");
  const url = `${cluster.url}${path}?temp_url_sig=${signed}&temp_url_expires=${expires}`;
  expect(await (await fetch(url)).text()).toBe("an object");
  const run = await fetch(url, { headers: { "X-Zerovm-Run": tester.url("bin/sum") } });
  expect(run.status).toBe(403);
  expect(await run.text()).toContain("A signed URL cannot run jobs");
});

it("leaves web sites of Swift as they are", async () => {
  const site = {
    "X-Container-Read": ".r:*,.rlistings",
    "X-Container-Meta-Web-Index": "index.html",
  };
  await tester.container("site", site);
  await tester.put("/site/index.html", "<p>home</p>");
  const home = await fetch(`${cluster.url}/v1/AUTH_test/site/`);
  expect({ status: home.status, text: await home.text() }).toEqual({
    status: 200,
    text: "<p>home</p>",
  });
});
