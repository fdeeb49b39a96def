import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tellingGuest } from "../../../test/support/app-guests.ts";
import { AppServer, CGI, device, node, STDIN, STDOUT } from "../../../test/support/app-server.ts";
import { archive } from "../../../test/support/archive.ts";
import { writingGuest } from "../../../test/support/guests.ts";

let cloud: AppServer;

beforeAll(async () => {
  cloud = await AppServer.start();
  await cloud.putApp("a/apps/tell.tar", node("tell", STDIN, CGI));
  await cloud.put("a/site/page.txt", "text");
  await cloud.set("a/site", { "X-Container-Meta-Rest-Endpoint": "swift://a/apps/tell.tar" });
});

afterAll(async () => await cloud.close());

/** What a telling program says: variables, then what it read. */
function told(body: string): Record<string, string> {
  const lines = body.split("\n").map((line) => /^([A-Z_]+)=(.*)$/.exec(line));
  return Object.fromEntries(lines.flatMap((found) => (found ? [[found[1], found[2]]] : [])));
}

const EXECUTE = "X-Zerovm-Execute";

describe("a REST app", () => {
  test.each(["GET", "PUT", "POST", "DELETE"])(
    "zapp %s: knows its request, and is the whole answer",
    async (method) => {
      const path = "/api/a/site/items/7%20x?full=1&b=%20";
      const answer = await cloud.send(method, path, {
        body: "the body",
        headers: { "X-Mine": "m" },
      });
      expect(answer.status).toBe(201);
      expect(answer.headers).toMatchObject({
        "content-type": "text/told",
        "x-own": "1",
        "x-nexe-system": "n",
      });
      expect(told(answer.body)).toMatchObject({
        REQUEST_METHOD: method,
        PATH_INFO: "/a/site/items/7 x",
        QUERY_STRING: "full=1&b=%20",
        REQUEST_URI: path,
        HTTP_X_MINE: "m",
        CONTENT_LENGTH: "8",
        SCRIPT_NAME: "n",
      });
      expect(answer.body.endsWith("the body")).toBe(true);
    },
  );

  test("zapp HEAD: gets the headers without the body", async () => {
    const answer = await cloud.send("HEAD", "/api/a/site/items");
    expect(answer).toMatchObject({ status: 201, body: "" });
    expect(answer.headers).toMatchObject({ "content-type": "text/told", "x-own": "1" });
  });

  test("may be asked by header, and by its object", async () => {
    const headers = { [EXECUTE]: "api/1.0" };
    const api = await cloud.send("GET", "/v1/a/site/items", { headers });
    expect(told(api.body)).toMatchObject({ PATH_INFO: "/a/site/items" });
    const opened = await cloud.send("GET", "/open/a/apps/tell.tar?q");
    expect(opened.status).toBe(201);
    expect(told(opened.body)).toMatchObject({ PATH_INFO: "/a/apps/tell.tar", QUERY_STRING: "q" });
    const open = { headers: { [EXECUTE]: "open/1.0" } };
    expect((await cloud.send("DELETE", "/v1/a/apps/tell.tar", open)).status).toBe(201);
    expect((await cloud.send("HEAD", "/v1/a/apps/tell.tar")).status).toBe(200);
  });

  test("may be packed, and for a container be nothing but a job", async () => {
    const job = JSON.stringify([node("hello", STDOUT)]);
    const packed = gzipSync(archive([["boot/cluster.map", job]]));
    await cloud.put("a/apps/p.tgz", packed, { headers: { "Content-Type": "application/gzip" } });
    expect((await cloud.send("GET", "/open/a/apps/p.tgz")).body).toBe("hello");
    await cloud.put("a/job/x.json", job, { headers: { "Content-Type": "application/json" } });
    await cloud.set("a/job", { "X-Container-Meta-Rest-Endpoint": "swift%3A//a/job/x%2Ejson" });
    expect((await cloud.send("POST", "/api/a/job")).body).toBe("hello");
  });

  test("that is stored anew, or named anew, is another one at once", async () => {
    await cloud.putApp("a/new/app.tar", node("hello", STDOUT));
    await cloud.set("a/new", { "X-Container-Meta-Rest-Endpoint": "swift://a/new/app.tar" });
    expect((await cloud.send("GET", "/api/a/new")).body).toBe("hello");
    await cloud.putApp("a/new/app.tar", node("cat", device("stdin", "a/site/page.txt"), STDOUT));
    expect((await cloud.send("GET", "/api/a/new")).body).toBe("text");
    await cloud.set("a/new", { "X-Container-Meta-Rest-Endpoint": "swift://a/apps/tell.tar" });
    expect((await cloud.send("GET", "/api/a/new")).status).toBe(201);
  });

  test("has its files at its root, and programs in it", async () => {
    const { body } = await cloud.server.http.fresh.store.objects
      .open({ account: "a", container: "bin", object: "hello" })
      .then(async ({ handle }) => {
        const bytes = await handle.readFile();
        await handle.close();
        return { body: bytes };
      });
    const job = JSON.stringify([
      { name: "own", exec: { path: "file://image:bin/own" }, devices: [{ name: "image" }, STDOUT] },
    ]);
    const app = archive([
      ["boot/system.map", job],
      ["bin/own", body],
    ]);
    await cloud.put("a/apps/own.tar", app, { headers: { "Content-Type": "application/x-tar" } });
    expect(await cloud.send("GET", "/open/a/apps/own.tar")).toMatchObject({
      status: 200,
      body: "hello",
    });
  });
});

test("REST chain with payload: a later step of an app takes the body", async () => {
  const head = "HTTP/1.1 200 OK\nContent-Type: application/json\nX-Zerovm-Execute: 1.0\n\n";
  const next = [{ ...node("cat", STDIN, device("stdout", "a/up/file")), name: "store" }];
  await cloud.put("a/up/step", writingGuest(head + JSON.stringify(next)));
  const output = { name: "stdout", content_type: "message/http" };
  await cloud.putApp("a/up/app.tar", node("swift://a/up/step", output));
  await cloud.set("a/up", { "X-Container-Meta-Rest-Endpoint": "swift://a/up/app.tar" });
  const put = await cloud.send("PUT", "/api/a/up/any", { body: "the upload" });
  expect(put).toMatchObject({ status: 200, body: "" });
  expect(put.headers["x-nexe-system"]).toBe("store");
  expect((await cloud.send("GET", "/v1/a/up/file")).body).toBe("the upload");
});

describe("zapp error", () => {
  const TAR = { headers: { "Content-Type": "application/x-tar" } };

  test.each([
    ["empty", ""],
    ["no archive", "x".repeat(2000)],
    ["an archive without a job", archive([["a", "b"]])],
  ])("an app that is %s is 501, and has nothing registered for its type", async (_, bytes) => {
    await cloud.put("a/apps/bad.tar", bytes, TAR);
    expect((await cloud.send("POST", "/open/a/apps/bad.tar")).status).toBe(501);
    const got = await cloud.send("GET", "/open/a/apps/bad.tar");
    expect(got).toMatchObject({
      status: 404,
      body: "No application registered for application/x-tar\n",
    });
  });

  test("an app whose gzip is damaged is 422", async () => {
    const headers = { "Content-Type": "application/x-gzip" };
    await cloud.put("a/apps/bad.tgz", "no gzip", { headers });
    const got = await cloud.send("POST", "/open/a/apps/bad.tgz");
    expect(got.status).toBe(422);
    expect(got.body).toMatch(/^Error reading application\/x-gzip stream: /);
  });

  test("an app that is not there is 404, a container without one too", async () => {
    expect((await cloud.send("GET", "/open/a/apps/none.tar")).status).toBe(404);
    expect((await cloud.send("GET", "/open/a/none/none.tar")).status).toBe(404);
    for (const container of ["apps", "none"]) {
      expect(await cloud.send("GET", `/api/a/${container}/x`)).toMatchObject({
        status: 404,
        body: `No API endpoint configured for container ${container}\n`,
      });
    }
    await cloud.set("a/gone", { "X-Container-Meta-Rest-Endpoint": "swift://a/gone/none.tar" });
    expect((await cloud.send("GET", "/api/a/gone")).status).toBe(404);
  });

  test("methods without a meaning are refused", async () => {
    expect((await cloud.send("PATCH", "/open/a/apps/tell.tar")).status).toBe(412);
    expect((await cloud.send("COPY", "/open/a/apps/tell.tar")).status).toBe(412);
    expect((await cloud.send("GET", "/open/a/apps")).status).toBe(412);
    expect((await cloud.send("GET", "/api/a")).status).toBe(412);
  });

  test("an app that is no job is told of", async () => {
    await cloud.put("a/apps/odd.tar", archive([["boot/system.map", "{"]]), TAR);
    expect((await cloud.send("GET", "/open/a/apps/odd.tar")).status).toBe(422);
  });

  test("a deferred result takes the place of nothing that the request names", async () => {
    const headers = { "X-Zerovm-Deferred": "always" };
    const got = await cloud.send("GET", "/open/a/apps/tell.tar", { headers });
    expect(got).toMatchObject({ status: 200 });
    expect(got.body).toMatch(/^swift:\/\/a\/\.zvm\/job-/);
    await expect
      .poll(async () => (await cloud.send("GET", got.body.replace("swift://", "/v1/"))).status)
      .toBe(200);
    expect((await cloud.send("GET", "/open/a/apps/tell.tar")).status).toBe(201);
  });
});

describe("GET response: what opens an object", () => {
  const template = (type: string, text: string) =>
    cloud.put(`a/.zvm/${type}/config`, text, { headers: { "Content-Type": "application/json" } });

  test("by the template of its type, with parameters that stay texts", async () => {
    const groups = [
      {
        ...node(
          "cat",
          { name: "stdin", path: "{.object_path}" },
          { ...STDOUT, content_type: "{.type=text/x}" },
        ),
        name: "{.name=t}",
      },
    ];
    await template("text/plain", JSON.stringify(groups));
    await cloud.put("a/site/o.txt", "opened", { headers: { "Content-Type": "text/plain" } });
    const plain = await cloud.send("GET", "/open/a/site/o.txt");
    expect(plain).toMatchObject({ status: 200, body: "opened" });
    expect(plain.headers).toMatchObject({ "content-type": "text/x", "x-nexe-system": "t" });
    const query = "?object_path=swift://a/apps/tell.tar&type=text/y&name=u";
    const asked = await cloud.send("GET", `/open/a/site/o.txt${query}`);
    expect(asked).toMatchObject({ status: 200, body: "opened" });
    expect(asked.headers).toMatchObject({ "content-type": "text/y", "x-nexe-system": "u" });
    // Also where the container has an app, and it is none.
    await cloud.put("a/apps/text", "x", { headers: { "Content-Type": "text/plain" } });
    await cloud.set("a/assoc", { "X-Container-Meta-Rest-Endpoint": "swift://a/apps/text" });
    await cloud.put("a/assoc/o", "by api", { headers: { "Content-Type": "text/plain" } });
    expect(await cloud.send("GET", "/api/a/assoc/o")).toMatchObject({
      status: 200,
      body: "by api",
    });
    expect((await cloud.send("GET", "/api/a/assoc")).status).toBe(501);
  });

  test("template injection (X 6): a parameter adds no device, no program, no group", async () => {
    await template(
      "text/inject",
      JSON.stringify([
        { ...node("cat", { name: "stdin", path: "{.object_path}" }, STDOUT), name: "{.name=n}" },
      ]),
    );
    await cloud.put("a/site/i", "own", { headers: { "Content-Type": "text/inject" } });
    await cloud.put("a/site/secret", "secret");
    const evil = `x","devices":[{"name":"stdin","path":"swift://a/site/secret"},{"name":"stdout"}],"a":"`;
    const got = await cloud.send("GET", `/open/a/site/i?name=${encodeURIComponent(evil)}`);
    expect(got.status).toBe(400);
    expect(got.body).not.toContain("secret\n");
    for (const name of ["%7B.object_path%7D", ".*", "$1", "(("]) {
      const odd = await cloud.send("GET", `/open/a/site/i?${name}=x&name=$%26`);
      expect([odd.status, odd.body.includes("secret")]).not.toContain(true);
    }
  });

  test("by itself where it is a program, with its arguments and type", async () => {
    const body = tellingGuest("");
    await cloud.put("a/site/p.nexe", body, { headers: { "Content-Type": "application/x-nexe" } });
    const got = await cloud.send("GET", "/open/a/site/p.nexe?args=x&content_type=text/z");
    expect(got.status).toBe(200);
    expect(got.headers["content-type"]).toBe("text/z");
    expect(told(got.body)).toMatchObject({ SCRIPT_FILENAME: "swift://a/site/p.nexe" });
    expect((await cloud.send("PUT", "/open/a/site/p.nexe")).status).toBe(501);
    await template("application/x-nexe", JSON.stringify([node("hello", STDOUT)]));
    expect((await cloud.send("GET", "/open/a/site/p.nexe")).body).toBe("hello");
    await cloud.send("DELETE", "/v1/a/.zvm/application/x-nexe/config");
  });

  test("by nothing else, and by no template that is too large or no JSON", async () => {
    await cloud.put("a/site/q", "x", { headers: { "Content-Type": "image/none" } });
    expect(await cloud.send("GET", "/open/a/site/q")).toMatchObject({
      status: 404,
      body: "No application registered for image/none\n",
    });
    await template("image/none", " ".repeat(70_000));
    expect(await cloud.send("GET", "/open/a/site/q")).toMatchObject({
      status: 413,
      body: "Config file at /a/.zvm/image/none/config is too large\n",
    });
    await template("image/none", "{.x}");
    expect((await cloud.send("GET", "/open/a/site/q")).status).toBe(422);
    expect((await cloud.send("GET", "/open/a/site/missing")).status).toBe(404);
  });
});

describe("CORS", () => {
  const ORIGIN = "https://page.example";
  const headers = { Origin: ORIGIN };

  test("pages that the container allows may read answers, refusals too", async () => {
    await cloud.set("a/site", {
      "X-Container-Meta-Access-Control-Allow-Origin": ORIGIN,
      "X-Container-Meta-Access-Control-Expose-Headers": "X-Own",
    });
    const allowed = { "access-control-allow-origin": ORIGIN };
    const got = await cloud.send("GET", "/api/a/site/x", { headers });
    expect(got.status).toBe(201);
    expect(got.headers).toMatchObject(allowed);
    expect(got.headers["access-control-expose-headers"]).toContain("X-Own");
    const refused = await cloud.send("GET", "/api/a/site/x", { headers, as: "b" });
    expect(refused.status).toBe(403);
    expect(refused.headers).toMatchObject(allowed);
    const other = { headers: { Origin: "https://other.example" } };
    const not = await cloud.send("GET", "/api/a/site/x", other);
    expect(not.headers).not.toHaveProperty("access-control-allow-origin");
  });

  test("they may ask before", async () => {
    const asked = { ...headers, "Access-Control-Request-Method": "PUT" };
    const got = await cloud.send("OPTIONS", "/api/a/site/x", { headers: asked, as: "" });
    expect(got.status).toBe(200);
    expect(got.headers).toMatchObject({ "access-control-allow-origin": ORIGIN });
    const other = { ...asked, Origin: "https://other.example" };
    expect((await cloud.send("OPTIONS", "/api/a/site/x", { headers: other, as: "" })).status).toBe(
      401,
    );
  });
});
