/** Tenants of one server: what `b` can do to `a`, who both own an account. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppServer, CGI, device, node, STDIN, STDOUT } from "../../../test/support/app-server.ts";
import { archive } from "../../../test/support/archive.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();
let cloud: AppServer;

const ENDPOINT = "X-Container-Meta-Rest-Endpoint";
const SUID = "X-Container-Meta-Zerovm-Suid";
const TAR = { "Content-Type": "application/x-tar" };

beforeAll(async () => {
  cloud = await AppServer.start();
  await cloud.put("a/vault/secret.txt", "kept");
  await cloud.put("b/own/secret.txt", "of b");
  await cloud.putApp("a/shop/app.tar", node("tell", STDIN, CGI));
  const grant = { [ENDPOINT]: "swift://a/shop/app.tar", [SUID]: "b" };
  await cloud.set("a/shop", grant);
  await cloud.set("a/vault", grant);
});

afterAll(async () => await cloud.close());

const reads = (path: string) => node("cat", device("stdin", path), STDOUT);

describe("through apps, a tenant", () => {
  test("does not reach by a forged endpoint what another app may (X 48)", async () => {
    await cloud.putApp("b/forge/own.tar", reads("a/vault/secret.txt"));
    await cloud.set("b/forge", { [ENDPOINT]: "swift://a/shop/app.tar", [SUID]: "b" });
    const ways = [
      [
        "POST",
        "/v1/b",
        { "X-Zerovm-Execute": "1.0", "X-Zerovm-Source": "swift://b/forge/own.tar" },
      ],
      [
        "POST",
        "/v1/a",
        { "X-Zerovm-Execute": "1.0", "X-Zerovm-Source": "swift://b/forge/own.tar" },
      ],
      ["GET", "/open/b/forge/own.tar", {}],
      ["GET", "/api/b/forge/x", {}],
    ] as const;
    for (const [method, path, headers] of ways) {
      const got = await cloud.send(method, path, { as: "b", headers });
      expect(got.body).not.toContain("kept");
    }
    expect((await cloud.send("GET", "/open/b/forge/own.tar", { as: "b" })).status).toBe(403);
  });

  test("does not reach it with the right app in an account of his own, whose `~` is his", async () => {
    await cloud.putApp("a/shop/open.tar", node("swift://~/own/evil", STDOUT));
    await cloud.set("a/shop", { "X-Container-Read": "b" });
    await cloud.put("b/own/evil", "no program");
    const headers = { "X-Zerovm-Execute": "1.0", "X-Zerovm-Source": "swift://a/shop/app.tar" };
    await cloud.set("a/vault", { [ENDPOINT]: "swift://a/shop/read.tar" });
    await cloud.putApp("a/shop/read.tar", reads("a/vault/secret.txt"));
    const source = { ...headers, "X-Zerovm-Source": "swift://a/shop/read.tar" };
    const got = await cloud.send("POST", "/v1/b", { as: "b", headers: source });
    expect(got.status).toBe(403);
    // In the account of the container the very same app may.
    await cloud.set("a/shop", { [ENDPOINT]: "swift://a/shop/read.tar" });
    expect(await cloud.send("POST", "/v1/a", { as: "b", headers: source })).toMatchObject({
      status: 200,
      body: "kept",
    });
    await cloud.set("a/shop", { [ENDPOINT]: "swift://a/shop/app.tar", "X-Container-Read": "" });
    await cloud.set("a/vault", { [ENDPOINT]: "swift://a/shop/app.tar" });
  });

  test("does not run jobs in, and at the cost of, another account by his own app (X 34)", async () => {
    await cloud.putApp("b/mine/app.tar", node("hello", STDOUT));
    await cloud.set("b/mine", {
      [ENDPOINT]: "swift://b/mine/app.tar",
      [SUID]: "b,.r:*,.rlistings",
    });
    const headers = { "X-Zerovm-Execute": "1.0", "X-Zerovm-Source": "swift://b/mine/app.tar" };
    for (const path of ["/v1/a", "/v1/a/shop", "/v1/a/none/x"]) {
      expect((await cloud.send("POST", path, { as: "b", headers })).status).toBe(403);
    }
    expect((await cloud.send("POST", "/v1/b", { as: "b", headers })).status).toBe(200);
  });

  test("is served by the app that its container pins, and by no other in its place", async () => {
    const app = archive([["boot/system.map", JSON.stringify([node("hello", STDOUT)])]]);
    await cloud.put("a/pin/app.tar", app, { headers: TAR });
    const { headers } = await cloud.send("HEAD", "/v1/a/pin/app.tar");
    await cloud.set("a/pin", {
      [ENDPOINT]: "swift://a/pin/app.tar",
      [SUID]: "b",
      "X-Container-Meta-Rest-Endpoint-Etag": headers.etag ?? "",
    });
    expect(await cloud.send("GET", "/api/a/pin", { as: "b" })).toMatchObject({ body: "hello" });
    await cloud.putApp("a/pin/app.tar", node("case", STDOUT));
    expect((await cloud.send("GET", "/api/a/pin", { as: "b" })).status).toBe(403);
  });

  test("gives nothing of his own to whoever wrote the app that he calls", async () => {
    await cloud.set("a/trap", { [ENDPOINT]: "swift://a/trap/app.tar", [SUID]: ".r:*,.rlistings" });
    const call = async () => await cloud.send("GET", "/api/a/trap", { as: "b" });
    await cloud.putApp("a/trap/app.tar", reads("b/own/secret.txt"));
    const got = await call();
    expect([got.status, got.body.includes("of b")]).toEqual([403, false]);
    await cloud.putApp("a/trap/app.tar", node("hello", device("stdout", "b/own/secret.txt")));
    expect((await call()).status).toBe(403);
    const all = { name: "stdin", path: "swift://b/own/*.txt" };
    await cloud.putApp("a/trap/app.tar", node("cat", all, STDOUT));
    expect((await call()).status).toBe(403);
    expect((await cloud.send("GET", "/v1/b/own/secret.txt", { as: "b" })).body).toBe("of b");
  });

  test("writes nothing there that the app does not write: no deferred result", async () => {
    const headers = { "X-Zerovm-Deferred": "always" };
    for (const path of ["/api/a/shop/new", "/api/a/shop/app.tar", "/api/a/shop"]) {
      expect((await cloud.send("GET", path, { as: "b", headers })).status).toBe(403);
    }
    const source = { "X-Zerovm-Execute": "1.0", "X-Zerovm-Source": "swift://a/shop/app.tar" };
    const post = { as: "b", headers: { ...headers, ...source } };
    expect((await cloud.send("POST", "/v1/a/shop/app.tar", post)).status).toBe(403);
    expect((await cloud.send("GET", "/v1/a/shop/new")).status).toBe(404);
    expect((await cloud.send("HEAD", "/v1/a/shop/app.tar")).headers["content-type"]).toBe(
      "application/x-tar",
    );
  });

  test("is known to the app by his own name, whatever his headers say", async () => {
    const headers = {
      "X-Remote-User": "a:me",
      Remote_User: "a:me",
      Cookie: "session=1",
      "X-Auth-Token": "b:you",
      Proxy: "evil",
    };
    await cloud.set("a/shop", { [SUID]: "b:you" });
    const { body } = await cloud.send("GET", "/api/a/shop", { as: "b:you", headers });
    await cloud.set("a/shop", { [SUID]: "b" });
    expect(body).toContain("\nREMOTE_USER=b:you\n");
    expect(body).not.toMatch(/^REMOTE_USER=a:me$|TOKEN|COOKIE|HTTP_PROXY=/m);
  });
});

describe("by jobs of his own, a tenant", () => {
  test("does not list what he may only read (X 21)", async () => {
    await cloud.put("a/public/x.txt", "shared");
    await cloud.set("a/public", { "X-Container-Read": ".r:*" });
    const job = node("cat", { name: "stdin", path: "swift://a/public/*.txt" }, STDOUT);
    expect((await cloud.post("b", { as: "b" }, job)).status).toBe(403);
    expect(await cloud.post("b", { as: "b" }, reads("a/public/x.txt"))).toMatchObject({
      body: "shared",
    });
    await cloud.set("a/public", { "X-Container-Read": ".r:*,.rlistings" });
    expect((await cloud.post("b", { as: "b" }, job)).status).toBe(200);
  });

  test("sees and ends no jobs of others", async () => {
    const { headers } = await cloud.post("a", {}, node("hello", STDOUT));
    const id = headers["x-zerovm-job"];
    expect(id).toMatch(/^[0-9a-f]{17}$/);
    const status = async (as: string) => (await cloud.send("GET", `/jobs/${id}`, { as })).status;
    expect([await status("a"), await status("b"), await status("")]).toEqual([200, 404, 401]);
    expect((await cloud.send("DELETE", `/jobs/${id}`, { as: "b" })).status).toBe(404);
    expect((await cloud.send("GET", "/jobs", { as: "b" })).body).not.toContain(String(id));
  });

  test("has nothing of headers that servers send each other (X 1, X 2)", async () => {
    const victim = join(newFolder(), "victim");
    writeFileSync(victim, "here");
    const headers = {
      "X-Zerovm-Daemon": victim,
      "X-Nexe-Colocated": "0123456789abcdef",
      "X-Zerovm-Valid": "true",
      "X-Zerovm-Access": "PUT",
      "X-Zerovm-Pool": "cluster",
      "X-Zerocloud-Id": "00000000000000000",
      "X-Zerovm-Timeout": "100000",
      "X-Backend-Storage-Policy-Index": "3",
    };
    const got = await cloud.post("b", { as: "b", headers }, node("tell", CGI));
    expect(got.status).toBe(201);
    expect(existsSync(victim)).toBe(true);
    expect(got.headers).toMatchObject({ "x-nexe-colocated": "0", "x-nexe-validation": "0" });
    expect(got.headers["x-zerovm-job"]).not.toBe("00000000000000000");
    expect(got.body).not.toContain("HTTP_X_BACKEND");
    const looping = await cloud.post(
      "b",
      { as: "b", headers: { ...headers, "X-Zerovm-Timeout": "0.3" } },
      node("loop", STDOUT),
    );
    expect(looping.status).toBe(500);
  });
});

describe("a tenant who floods the server", () => {
  test("does not keep others out", async () => {
    const few = await AppServer.start({
      pools: [
        { name: "default", kind: "WaitPool", runningMax: 1, newerMax: 1 },
        { name: "cluster", kind: "PriorityPool", runningMax: 1, newerMax: 1 },
      ],
      timeoutSeconds: 1,
    });
    try {
      const flood = Array.from({ length: 8 }, async () => {
        return (await few.post("b", { as: "b" }, node("loop", STDOUT))).status;
      });
      const running = () => few.server.executor.registry.running;
      await expect.poll(() => running().some(({ state }) => state === "running")).toBe(true);
      const own = await few.post("a", {}, node("hello", STDOUT));
      expect(own).toMatchObject({ status: 200, body: "hello" });
      const statuses = await Promise.all(flood);
      expect(statuses.every((status) => status === 500 || status === 503)).toBe(true);
      expect(statuses).toContain(503);
    } finally {
      await few.close();
    }
  });
});
