/**
 * Who may do what, as traces of real requests: an owner `a`, somebody else `b` who owns an account
 * of his own, `b:you` who owns none, and somebody unknown.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AppServer, device, node, PROGRAM_URL, STDOUT } from "../../../test/support/app-server.ts";
import { writingGuest } from "../../../test/support/guests.ts";

let cloud: AppServer;

const ENDPOINT = "X-Container-Meta-Rest-Endpoint";
const SUID = "X-Container-Meta-Zerovm-Suid";
const APP = "swift://a/auth/app.tar";
const OTHER = "b:you";
const NOBODY = "";

beforeAll(async () => {
  cloud = await AppServer.start();
  await cloud.put("a/auth/hello", writingGuest("hello"));
  await cloud.put("a/auth/in", "code container");
  await cloud.put("a/auth1/in", "other container");
  await cloud.put("b/own/in", "own");
});

afterAll(async () => await cloud.close());

/** All lists and grants are as nobody had set any. */
beforeEach(async () => {
  for (const container of ["a/auth", "a/auth1", "b/own"]) {
    await cloud.set(container, {
      [ENDPOINT]: "",
      [SUID]: "",
      "X-Container-Read": "",
      "X-Container-Write": "",
    });
  }
});

const hello = { ...node("swift://a/auth/hello", STDOUT) };
const reads = (path: string) => node("cat", device("stdin", path), STDOUT);
const writes = (path: string) => node("hello", device("stdout", path));

async function post(account: string, as: string, ...groups: readonly unknown[]): Promise<number> {
  return (await cloud.post(account, { as }, ...groups)).status;
}

describe("a job", () => {
  test("JSON: of the owner is 200, of somebody else 403 at execute", async () => {
    expect(await post("a", "a", hello)).toBe(200);
    const refused = await cloud.post("a", { as: "b" }, hello);
    expect(refused.status).toBe(403);
    expect(refused.headers).not.toHaveProperty("x-nexe-system");
    expect(await post("a", OTHER, hello)).toBe(403);
    expect(await post("a", NOBODY, hello)).toBe(401);
  });

  test("in one's own account reading another one: by its read list only", async () => {
    expect(await post("b", "b", hello)).toBe(403);
    await cloud.set("a/auth", { "X-Container-Read": "b" });
    expect(await post("b", "b", hello)).toBe(200);
  });

  test("writing there too: by its write list only, and before anything runs", async () => {
    await cloud.set("a/auth", { "X-Container-Read": "b" });
    const job = node("swift://a/auth/hello", device("stdout", "a/auth/out"));
    const refused = await cloud.post("b", { as: "b" }, job);
    expect(refused.status).toBe(403);
    expect(refused.headers["x-nexe-status"]).toBe("ZeroVM did not run");
    await cloud.set("a/auth", { "X-Container-Write": "b" });
    expect(await post("b", "b", job)).toBe(200);
    expect((await cloud.send("GET", "/v1/a/auth/out")).body).toBe("hello");
  });

  test.each([
    ["local read", [reads("a/auth1/in")], "X-Container-Read"],
    [
      "remote read",
      [node("cat", device("stdin", "a/auth1/in"), device("input", "b/own/in"), STDOUT)],
      "X-Container-Read",
    ],
    ["remote write", [writes("a/auth1/out")], "X-Container-Write"],
  ])("%s: owner, somebody else without and with the list", async (_, groups, list) => {
    await cloud.set("b/own", { "X-Container-Read": "a" });
    expect(await post("a", "a", ...groups)).toBe(200);
    expect(await post("b", "b", ...groups)).toBe(403);
    await cloud.set("a/auth1", { [list]: "b" });
    expect(await post("b", "b", ...groups)).toBe(200);
  });

  test("same object read twice with permission: is one transfer to two channels", async () => {
    await cloud.set("a/auth1", { "X-Container-Read": "b" });
    const twice = node("cat", device("stdin", "a/auth1/in"), device("input", "a/auth1/in"), STDOUT);
    expect(await cloud.post("b", { as: "b" }, twice)).toMatchObject({
      status: 200,
      body: "other container",
    });
    expect(await post("b", "b", twice, { ...reads("a/auth/in"), name: "m" })).toBe(403);
  });
});

/** Grants of a container to somebody through the app. */
async function grant(container: string, who: string, app = APP): Promise<void> {
  await cloud.set(container, { [ENDPOINT]: app, [SUID]: who });
}

describe("X-Zerovm-Source", () => {
  const source = async (as: string): Promise<number> => {
    const headers = { "X-Zerovm-Execute": "1.0", "X-Zerovm-Source": APP };
    return (await cloud.send("POST", "/v1/a", { as, headers })).status;
  };

  test("suid ok is 200; without it 403", async () => {
    await cloud.putApp("a/auth/app.tar", hello);
    expect(await source(OTHER)).toBe(403);
    await grant("a/auth", OTHER);
    expect(await source(OTHER)).toBe(200);
    expect(await source("c")).toBe(403);
  });

  test("output container without suid is 403, with suid 200, with suid for another app 403", async () => {
    await cloud.putApp("a/auth/app.tar", writes("a/auth1/out"));
    await grant("a/auth", OTHER);
    expect(await source(OTHER)).toBe(403);
    await grant("a/auth1", OTHER);
    expect(await source(OTHER)).toBe(200);
    await grant("a/auth1", OTHER, "swift://a/auth/another.tar");
    expect(await source(OTHER)).toBe(403);
  });

  test("that is none, or is not there, is 412 and its own status (X 5)", async () => {
    for (const [value, status] of [
      ["auth/app.tar", 412],
      ["swift://a/auth/none", 404],
      ["swift://b/own/none", 403],
    ] as const) {
      const headers = { "X-Zerovm-Execute": "1.0", "X-Zerovm-Source": value };
      expect((await cloud.send("POST", "/v1/a", { headers })).status).toBe(status);
    }
  });
});

describe("by the owner", () => {
  test("open is 200, and api without suid too", async () => {
    await cloud.putApp("a/auth/app.tar", hello);
    await cloud.set("a/auth", { [ENDPOINT]: APP });
    expect((await cloud.send("GET", "/open/a/auth/app.tar")).status).toBe(200);
    expect((await cloud.send("GET", "/api/a/auth")).status).toBe(200);
  });

  test("open by somebody else takes a right to read, and suid to execute", async () => {
    await cloud.putApp("a/auth/app.tar", hello);
    await grant("a/auth", OTHER);
    const open = async () =>
      (await cloud.send("GET", "/open/a/auth/app.tar", { as: OTHER })).status;
    expect(await open()).toBe(403);
    await cloud.set("a/auth", { "X-Container-Read": OTHER });
    expect(await open()).toBe(200);
    await cloud.set("a/auth", { [SUID]: "" });
    expect(await open()).toBe(403);
  });
});

/** What the lists say of each of them. */
const CALLERS = [
  ["another user", OTHER, OTHER],
  ["somebody unknown", NOBODY, ".r:*,.rlistings"],
] as const;

describe.each(CALLERS)("api, by %s", (_, as, who) => {
  const api = async (): Promise<boolean> => {
    const { status } = await cloud.send("GET", "/api/a/auth/x", { as });
    expect([200, 401, 403]).toContain(status);
    return status === 200;
  };

  test("execute: with suid", async () => {
    await cloud.putApp("a/auth/app.tar", hello);
    await grant("a/auth", who);
    expect(await api()).toBe(true);
  });

  test("no suid: not", async () => {
    await cloud.putApp("a/auth/app.tar", hello);
    await cloud.set("a/auth", { [ENDPOINT]: APP });
    expect(await api()).toBe(false);
  });

  test.each([
    ["read", reads("a/auth1/in")],
    ["write", writes("a/auth1/out")],
  ])("%s other: by the grant of the other container, and not without", async (__, group) => {
    await cloud.putApp("a/auth/app.tar", group);
    await grant("a/auth", who);
    expect(await api()).toBe(false);
    await grant("a/auth1", who);
    expect(await api()).toBe(true);
  });
});

/** An app whose program answers with the next job, which has the group. */
async function chainedApp(group: unknown): Promise<void> {
  const head = "HTTP/1.1 200 OK\nContent-Type: application/json\nX-Zerovm-Execute: 1.0\n\n";
  await cloud.put("a/auth/step", writingGuest(head + JSON.stringify([group])));
  const output = { name: "stdout", content_type: "message/http" };
  await cloud.putApp("a/auth/app.tar", node("swift://a/auth/step", output));
}

describe.each(CALLERS)("api chained, by %s", (_, as, who) => {
  const api = async (): Promise<boolean> => {
    const { status } = await cloud.send("GET", "/api/a/auth/x", { as });
    expect([200, 401, 403]).toContain(status);
    return status === 200;
  };

  test("execute: with suid of the code container, and not without", async () => {
    await chainedApp(hello);
    await grant("a/auth", who);
    expect(await api()).toBe(true);
    await cloud.set("a/auth", { [SUID]: "" });
    expect(await api()).toBe(false);
  });

  test.each([
    ["read", reads("a/auth1/in")],
    ["write", writes("a/auth1/out")],
  ])("%s other: with endpoint and suid, and with neither or one of them not", async (__, group) => {
    await chainedApp(group);
    await grant("a/auth", who);
    expect(await api()).toBe(false);
    await cloud.set("a/auth1", { [SUID]: who });
    expect(await api()).toBe(false);
    await cloud.set("a/auth1", { [SUID]: "", [ENDPOINT]: APP });
    expect(await api()).toBe(false);
    await grant("a/auth1", who);
    expect(await api()).toBe(true);
  });
});

test("all programs of these traces are such as everybody may read", async () => {
  const path = PROGRAM_URL.replace("swift://", "/v1/");
  expect((await cloud.send("GET", `${path}cat`, { as: NOBODY })).status).toBe(200);
});
