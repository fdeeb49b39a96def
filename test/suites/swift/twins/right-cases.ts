import { writingGuest } from "../../../support/guests.ts";
import { ENDPOINT, putApp } from "./app-cases.ts";
import { type Case, CGI, cases, type Group, groupOf, jobOf, run, STDOUT } from "./jobs.ts";
import type { Side, Who } from "./side.ts";

const SUID = "X-Container-Meta-Zerovm-Suid";
const SOURCE = "X-Zerovm-Source";

/** The URL of an object of the case, whoever asks. */
const of = (side: Side, name: string, account = "AUTH_test") =>
  `swift://${account}/${side.name(name)}`;

const reads = (path: string): Group => ({
  program: "cat",
  devices: [{ name: "stdin", path }, STDOUT],
});
const writes = (path: string): Group => ({
  program: "hello",
  devices: [{ name: "stdout", path }],
});

async function fill(side: Side): Promise<void> {
  for (const name of ["auth", "auth1"]) {
    await side.container(name);
    await side.put(`${name}/in`, `of ${name}`);
  }
  await side.put("auth/hello", writingGuest("hello"));
  await side.container("own", {}, "other");
  await side.put("own/in", "of other", { as: "other" });
}

/** Gives a container these lists, and takes all others. */
async function set(
  side: Side,
  name: string,
  headers: Readonly<Record<string, string>>,
  as: Who = "tester",
): Promise<void> {
  const none = { [ENDPOINT]: "", [SUID]: "", "X-Container-Read": "", "X-Container-Write": "" };
  await side.container(name, { ...none, ...headers }, as);
}

async function source(side: Side, status: number, app: string, as: Who, path = "AUTH_test") {
  const headers = { "X-Zerovm-Execute": "1.0", [SOURCE]: app };
  await side.ask(status, "POST", `/v1/${path}`, { as, headers });
}

/** Who may do what. */
export const RIGHT_CASES: readonly Case[] = cases({
  "a job of one's own that reads and writes elsewhere": async (side) => {
    await fill(side);
    const hello = { program: of(side, "auth/hello") };
    const as = "other";
    await run(side, 403, [hello], { as });
    await set(side, "auth", { "X-Container-Read": "other:tester" });
    await run(side, 200, [hello], { as });
    const writing = { ...hello, devices: [{ name: "stdout", path: of(side, "auth/out") }] };
    await run(side, 403, [writing], { as });
    const lists = { "X-Container-Read": "other", "X-Container-Write": "other" };
    await set(side, "auth", lists);
    await run(side, 200, [writing], { as });
    await side.ask(200, "GET", `/v1/AUTH_test/${side.name("auth")}/out`);
  },
  "reading, local and remote, and writing, by lists only": async (side) => {
    await fill(side);
    await set(side, "own", { "X-Container-Read": "test:tester" }, "other");
    const remote = {
      program: "cat",
      devices: [
        { name: "stdin", path: of(side, "auth1/in") },
        { name: "input", path: of(side, "own/in", "AUTH_other") },
        STDOUT,
      ],
    };
    for (const [group, list] of [
      [reads(of(side, "auth1/in")), "X-Container-Read"],
      [remote, "X-Container-Read"],
      [writes(of(side, "auth1/out")), "X-Container-Write"],
    ] as const) {
      await set(side, "auth1", {});
      await run(side, 200, [group]);
      await run(side, 403, [group], { as: "other" });
      await set(side, "auth1", { [list]: "other:tester" });
      await run(side, 200, [group], { as: "other" });
    }
    const report = { as: "other", path: "/v1/AUTH_other?format=json" } as const;
    await run(side, 403, [reads(of(side, "auth/in"))], report);
  },
  "listing takes a right to list": async (side) => {
    await fill(side);
    const groups = ["auth1/i*", "auth1"].map((name) => reads(of(side, name)));
    for (const [list, status] of [
      [".r:*", 403],
      [".r:*,.rlistings", 200],
      ["other:tester", 200],
    ] as const) {
      await set(side, "auth1", { "X-Container-Read": list });
      await run(side, 200, [reads(of(side, "auth1/in"))], { as: "other" });
      for (const group of groups) await run(side, status, [group], { as: "other" });
    }
  },
  "a source with and without suid": async (side) => {
    await fill(side);
    const app = await putApp(side, "auth/app.tar", [{ program: of(side, "auth/hello") }]);
    await source(side, 403, app, "reader");
    await source(side, 200, app, "tester");
    await set(side, "auth", { [ENDPOINT]: app, [SUID]: "test:reader" });
    await source(side, 200, app, "reader");
    await source(side, 403, app, "other");
    await source(side, 403, app, "nobody");
    await source(side, 412, "auth/app.tar", "tester");
    await source(side, 404, of(side, "auth/none"), "tester");
    await source(side, 403, of(side, "own/none", "AUTH_other"), "tester");
    await source(side, 403, of(side, "none/none", "AUTH_other"), "tester");
  },
  "a source that writes elsewhere": async (side) => {
    await fill(side);
    const app = await putApp(side, "auth/app.tar", [writes(of(side, "auth1/out"))]);
    await set(side, "auth", { [ENDPOINT]: app, [SUID]: "test:reader" });
    await source(side, 403, app, "reader");
    await set(side, "auth1", { [ENDPOINT]: app, [SUID]: "test:reader" });
    await source(side, 200, app, "reader");
    const another = { [ENDPOINT]: of(side, "auth/another.tar"), [SUID]: "test:reader" };
    await set(side, "auth1", another);
    await source(side, 403, app, "reader");
  },
  "opening by somebody else": async (side) => {
    await fill(side);
    const app = await putApp(side, "auth/app.tar", [{ program: of(side, "auth/hello") }]);
    const open = `/open/AUTH_test/${side.name("auth")}/app.tar`;
    await side.ask(200, "GET", open);
    for (const [headers, status] of [
      [{ [ENDPOINT]: app, [SUID]: "test:reader" }, 403],
      [{ [ENDPOINT]: app, [SUID]: "test:reader", "X-Container-Read": "test:reader" }, 200],
      [{ [ENDPOINT]: app, "X-Container-Read": "test:reader" }, 403],
    ] as const) {
      await set(side, "auth", headers);
      await side.ask(status, "GET", open, { as: "reader" });
    }
  },
  "api by somebody else, and by nobody": async (side) => {
    await fill(side);
    for (const [as, who, no] of [
      ["reader", "test:reader", 403],
      ["other", "other:tester", 403],
      ["nobody", ".r:*,.rlistings", [401, 403]],
    ] as const) {
      for (const group of [reads(of(side, "auth1/in")), writes(of(side, "auth1/out"))]) {
        const app = await putApp(side, "auth/app.tar", [group]);
        const ask = async (status: number | readonly number[]) =>
          await side.ask(status, "GET", `/api/AUTH_test/${side.name("auth")}/x`, { as });
        await set(side, "auth1", {});
        await set(side, "auth", { [ENDPOINT]: app });
        await ask(no);
        await set(side, "auth", { [ENDPOINT]: app, [SUID]: who });
        await ask(no);
        await set(side, "auth1", { [SUID]: who });
        await ask(no);
        await set(side, "auth1", { [ENDPOINT]: app });
        await ask(no);
        await set(side, "auth1", { [ENDPOINT]: app, [SUID]: who });
        await ask(200);
      }
    }
  },
  "api chained, by somebody else": async (side) => {
    await fill(side);
    const head = "HTTP/1.1 200 OK\nContent-Type: application/json\nX-Zerovm-Execute: 1.0\n\n";
    const output = { name: "stdout", content_type: "message/http" };
    await side.put("auth/step", writingGuest(head + jobOf(reads(of(side, "auth1/in")))));
    const app = await putApp(side, "auth/app.tar", [
      { program: of(side, "auth/step"), devices: [output] },
    ]);
    const api = `/api/AUTH_test/${side.name("auth")}/x`;
    for (const [as, who, no] of [
      ["reader", "test:reader", 403],
      ["nobody", ".r:*,.rlistings", [401, 403]],
    ] as const) {
      await set(side, "auth", { [ENDPOINT]: app, [SUID]: who });
      await set(side, "auth1", {});
      await side.ask(no, "GET", api, { as });
      await set(side, "auth1", { [ENDPOINT]: app, [SUID]: who });
      await side.ask(200, "GET", api, { as });
    }
  },
  "what a tenant cannot do through apps": async (side) => {
    await fill(side);
    const shop = await putApp(side, "shop/app.tar", [{ program: "tell", devices: [CGI] }]);
    const grant = { [ENDPOINT]: shop, [SUID]: "other:tester" };
    await set(side, "shop", grant);
    await set(side, "auth", grant);
    const as = "other";
    const forged = await putApp(side, "forge/own.tar", [reads(of(side, "auth/in"))], { as });
    await set(side, "forge", grant, as);
    await source(side, 403, forged, as);
    await source(side, 403, forged, as, "AUTH_other");
    await side.ask(403, "GET", `/open/AUTH_other/${side.name("forge")}/own.tar`, { as });
    const trap = await putApp(side, "trap/app.tar", [reads(of(side, "own/in", "AUTH_other"))]);
    await set(side, "trap", { [ENDPOINT]: trap, [SUID]: ".r:*,.rlistings" });
    const call = async () =>
      await side.ask(403, "GET", `/api/AUTH_test/${side.name("trap")}`, { as });
    await call();
    await putApp(side, "trap/app.tar", [writes(of(side, "own/in", "AUTH_other"))]);
    await call();
    await putApp(side, "trap/app.tar", [reads(of(side, "own/*", "AUTH_other"))]);
    await call();
    const headers = { "X-Zerovm-Deferred": "always" };
    for (const path of ["shop/new", "shop/app.tar", "shop"]) {
      await side.ask(403, "GET", `/api/AUTH_test/${side.name(path)}`, { as, headers });
    }
    await side.ask(404, "GET", `/v1/AUTH_test/${side.name("shop")}/new`);
    const claims = { "X-Remote-User": "test:tester", Cookie: "a=1" };
    await side.ask(201, "GET", `/api/AUTH_test/${side.name("shop")}`, { as, headers: claims });
  },
  "an app that is pinned": async (side) => {
    const app = await putApp(side, "pin/app.tar", [{ program: "hello" }]);
    const { headers } = await side.send("HEAD", `/v1/AUTH_test/${side.name("pin")}/app.tar`);
    await set(side, "pin", {
      [ENDPOINT]: app,
      [SUID]: "other",
      "X-Container-Meta-Rest-Endpoint-Etag": String(headers.etag),
    });
    const api = `/api/AUTH_test/${side.name("pin")}`;
    await side.ask(200, "GET", api, { as: "other" });
    await putApp(side, "pin/app.tar", [{ program: "case" }]);
    await side.ask(403, "GET", api, { as: "other" });
  },
  "jobs of others": async (side) => {
    const { headers } = await side.send("POST", "/v1/AUTH_test", {
      headers: { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" },
      body: JSON.stringify([groupOf({ program: "hello" })]),
    });
    const path = `/jobs/${headers["x-zerovm-job"]}`;
    for (const [as, status] of [
      ["tester", 200],
      ["reader", 404],
      ["other", 404],
      ["nobody", 401],
      ["reseller", 200],
    ] as const) {
      await side.ask(status, "GET", path, { as });
    }
    await side.ask(404, "DELETE", path, { as: "other" });
    await side.ask(405, "PUT", path);
  },
});
