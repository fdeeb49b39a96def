import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FreshServer } from "../../../test/support/http-client.ts";

let server: FreshServer;
const HELLO = "5d41402abc4b2a76b9719d911017c592";
let nowMs = 0;

beforeEach(async () => {
  nowMs = 1_699_999_999_500;
  server = await FreshServer.start({ nowMs: () => nowMs }, { nowMs: () => nowMs });
});

afterEach(async () => {
  await server.close();
});

describe("PUT of an object", () => {
  it("stores bytes, type and metadata", async () => {
    const headers = {
      "Content-Type": "text/x-poem; charset=utf-8",
      "Content-Encoding": "identity",
      "Content-Disposition": 'attachment; filename="o"',
      "X-Object-Meta-Author": "Bashō".replace("ō", Buffer.from("ō").toString("latin1")),
    };
    const put = await server.send("PUT", "/v1/a/c/o", { body: "hello", headers });
    expect(put.status).toBe(201);
    expect(put.headers).toMatchObject({
      etag: HELLO,
      "last-modified": "Tue, 14 Nov 2023 22:13:20 GMT",
    });
    const got = await server.send("GET", "/v1/a/c/o");
    expect(got).toMatchObject({ status: 200, body: "hello" });
    expect(got.headers).toMatchObject({
      "content-length": "5",
      "content-type": "text/x-poem; charset=utf-8",
      "content-encoding": "identity",
      "content-disposition": 'attachment; filename="o"',
      "x-object-meta-author": headers["X-Object-Meta-Author"],
      "x-timestamp": expect.stringMatching(/^1699999999\.5000\d$/),
      "last-modified": "Tue, 14 Nov 2023 22:13:20 GMT",
      etag: HELLO,
    });
    const head = await server.send("HEAD", "/v1/a/c/o");
    expect(head).toMatchObject({ status: 200, body: "" });
    expect(head.headers["content-length"]).toBe("5");
  });

  it.each([
    ["picture.PNG", {}, "image/png"],
    ["no-end", {}, "application/octet-stream"],
    ["constructor.constructor", {}, "application/octet-stream"],
    ["x.html", { "Content-Type": "a/b" }, "a/b"],
    ["x.html", { "Content-Type": "a/b", "X-Detect-Content-Type": "true" }, "text/html"],
  ])("%s with %o has the type %s", async (name, headers, type) => {
    await server.send("PUT", `/v1/a/c/${name}`, { body: "", headers });
    const got = await server.send("HEAD", `/v1/a/c/${name}`);
    expect(got.headers["content-type"]).toBe(type);
  });

  it("takes chunks, and names with slashes, dots and escapes as they are", async () => {
    const headers = { "Transfer-Encoding": "chunked" };
    for (const name of ["..", "a//b", "/lead", "x/../y", "%2e%2E/", "%E2%82%AC%20%3F%23%25zz"]) {
      const put = await server.send("PUT", `/v1/a/c/${name}`, { body: name, headers });
      expect(put.status).toBe(201);
      expect((await server.send("GET", `/v1/a/c/${name}`)).body).toBe(name);
    }
    const { body } = await server.send("GET", "/v1/a/c?limit=100");
    expect(body).toBe("..\n../\n/lead\na//b\nx/../y\n€ ?#%zz\n");
  });

  it.each([
    ["another etag", { body: "hello", headers: { ETag: "0".repeat(32) } }, 422],
    ["its etag", { body: "hello", headers: { ETag: HELLO } }, 201],
    ["its etag in quotes", { body: "hello", headers: { ETag: `"${HELLO.toUpperCase()}"` } }, 201],
    ["no container", { path: "/v1/a/none/o", body: "x" }, 404],
    ["a name that is too long", { path: `/v1/a/c/${"n".repeat(1025)}`, body: "x" }, 400],
    ["the longest name", { path: `/v1/a/c/${"n".repeat(1024)}`, body: "x" }, 201],
    ["a condition that is none", { body: "x", headers: { "If-None-Match": "abc" } }, 400],
    ["a time that is none", { body: "x", headers: { "X-Delete-At": "soon" } }, 400],
    ["a time that is over", { body: "x", headers: { "X-Delete-At": "1699999998" } }, 400],
    ["a span that is none", { body: "x", headers: { "X-Delete-After": "1e3" } }, 400],
    ["a span backwards", { body: "x", headers: { "X-Delete-After": "-1" } }, 400],
    ["metadata without a name", { body: "x", headers: { "X-Object-Meta-": "y" } }, 400],
  ])("with %s is judged", async (_what, request, status) => {
    const { path = "/v1/a/c/o", ...sending } = request as { path?: string };
    expect((await server.send("PUT", path, sending)).status).toBe(status);
    if (status >= 400) expect((await server.send("HEAD", path)).status).toBe(404);
  });

  it("gives back no header that would be another's", async () => {
    const metadata = {
      "transfer-encoding": "chunked",
      "set-cookie": "a=b",
      "x-object-meta-x": "1",
    };
    const address = { account: "a", container: "c", object: "o" };
    const source = (async function* () {})();
    await server.fresh.store.objects.put(address, { source, metadata });
    const { headers } = await server.send("HEAD", "/v1/a/c/o");
    expect(headers["x-object-meta-x"]).toBe("1");
    expect(headers["set-cookie"]).toBeUndefined();
    expect(headers["transfer-encoding"]).toBeUndefined();
  });

  it("stores only where there is nothing with If-None-Match: *", async () => {
    const headers = { "If-None-Match": "*" };
    expect((await server.send("PUT", "/v1/a/c/o", { body: "1", headers })).status).toBe(201);
    expect((await server.send("PUT", "/v1/a/c/o", { body: "2", headers })).status).toBe(412);
    expect((await server.send("GET", "/v1/a/c/o")).body).toBe("1");
  });

  it("stores for a time", async () => {
    await server.send("PUT", "/v1/a/c/o", { body: "x", headers: { "X-Delete-After": "10" } });
    const at = (await server.send("HEAD", "/v1/a/c/o")).headers["x-delete-at"];
    expect(at).toBe("1700000009");
    nowMs += 10_000;
    expect((await server.send("GET", "/v1/a/c/o")).status).toBe(404);
  });

  it.each(["X-Delete-At", "X-Delete-After"])(
    "stores until the last time that there is for a %s beyond it",
    async (name) => {
      const headers = { [name]: "1".repeat(100) };
      expect((await server.send("PUT", "/v1/a/c/o", { body: "x", headers })).status).toBe(201);
      const head = await server.send("HEAD", "/v1/a/c/o");
      expect(head.headers["x-delete-at"]).toBe("9999999999");
    },
  );

  it("refuses more than an object may have, announced or not", async () => {
    const small = await FreshServer.start({}, { objectBytesMax: 10 });
    try {
      const sending = { body: "x".repeat(11) };
      expect((await small.send("PUT", "/v1/a/c/o", sending)).status).toBe(413);
      const headers = { "Transfer-Encoding": "chunked" };
      expect((await small.send("PUT", "/v1/a/c/o", { ...sending, headers })).status).toBe(413);
      expect((await small.send("PUT", "/v1/a/c/o", { body: "x".repeat(10) })).status).toBe(201);
      const info = JSON.parse((await small.send("GET", "/info", { as: "" })).body);
      expect(info.swift.max_file_size).toBe(10);
    } finally {
      await small.close();
    }
  });
});

describe("POST and DELETE of an object", () => {
  it("replace the metadata and keep the type", async () => {
    const old = { "X-Object-Meta-Old": "1", "Content-Type": "a/b", "Content-Encoding": "gzip" };
    await server.send("PUT", "/v1/a/c/o", { body: "hello", headers: old });
    const post = await server.send("POST", "/v1/a/c/o", {
      headers: { "X-Object-Meta-New": "2", "X-Delete-At": "1700000100" },
    });
    expect(post.status).toBe(202);
    const { headers } = await server.send("HEAD", "/v1/a/c/o");
    expect(headers).toMatchObject({
      "x-object-meta-new": "2",
      "content-type": "a/b",
      "x-delete-at": "1700000100",
      etag: HELLO,
    });
    expect(headers["x-object-meta-old"]).toBeUndefined();
    expect(headers["content-encoding"]).toBeUndefined();
    expect((await server.send("POST", "/v1/a/c/none")).status).toBe(404);
  });

  it("remove it", async () => {
    await server.send("PUT", "/v1/a/c/o", { body: "" });
    expect((await server.send("DELETE", "/v1/a/c/o")).status).toBe(204);
    expect((await server.send("DELETE", "/v1/a/c/o")).status).toBe(404);
    expect((await server.send("DELETE", "/v1/a/none/o")).status).toBe(404);
  });

  it("remove it only while it is to be gone at the time that is told", async () => {
    const lasting = { "X-Delete-At": "1700000100" };
    await server.send("PUT", "/v1/a/c/o", { body: "x", headers: lasting });
    const remove = async (time: string, path = "/v1/a/c/o") =>
      (await server.send("DELETE", path, { headers: { "X-If-Delete-At": time } })).status;
    expect(await remove("soon", "/v1/a/c/none")).toBe(400);
    expect(await remove("1700000099")).toBe(412);
    expect(await remove("1700000100", "/v1/a/c/o?multipart-manifest=delete")).toBe(400);
    expect((await server.send("HEAD", "/v1/a/c/o")).status).toBe(200);
    expect(await remove("1700000100")).toBe(204);
    expect((await server.send("HEAD", "/v1/a/c/o")).status).toBe(404);
  });
});

describe("copies", () => {
  const source = { body: "hello", headers: { "Content-Type": "a/b", "X-Object-Meta-X": "1" } };

  beforeEach(async () => {
    await server.send("PUT", "/v1/a/c/s%20%C3%A4", source);
  });

  it("are made by COPY and by PUT, with the metadata or fresh", async () => {
    const away = await server.send("COPY", "/v1/a/c/s%20%C3%A4", {
      headers: { Destination: "/c/one%2Ftwo", "X-Object-Meta-Y": "2" },
    });
    expect(away.status).toBe(201);
    expect(away.headers).toMatchObject({
      etag: HELLO,
      "x-copied-from": "c/s%20%C3%A4",
      "x-copied-from-account": "a",
      "x-object-meta-x": "1",
      "x-object-meta-y": "2",
    });
    const copy = await server.send("GET", "/v1/a/c/one/two");
    expect(copy).toMatchObject({ status: 200, body: "hello" });
    expect(copy.headers).toMatchObject({ "content-type": "a/b", "x-object-meta-y": "2" });
    const here = await server.send("PUT", "/v1/a/c/fresh", {
      headers: { "X-Copy-From": "c/s%20%C3%A4", "X-Fresh-Metadata": "true" },
    });
    expect(here.status).toBe(201);
    const fresh = await server.send("HEAD", "/v1/a/c/fresh");
    expect(fresh.headers["x-object-meta-x"]).toBeUndefined();
  });

  it("tell that there is no source before they ask for rights to the destination", async () => {
    const headers = { Destination: "in/o", "Destination-Account": "b" };
    expect((await server.send("COPY", "/v1/a/c/none", { headers })).status).toBe(404);
  });

  it("go to other accounts where both sides allow it", async () => {
    await server.send("PUT", "/v1/b/in", { as: "b" });
    const headers = { Destination: "in/o", "Destination-Account": "b" };
    const path = "/v1/a/c/s%20%C3%A4";
    expect((await server.send("COPY", path, { headers })).status).toBe(403);
    await server.send("POST", "/v1/b/in", { as: "b", headers: { "X-Container-Write": "a" } });
    expect((await server.send("COPY", path, { headers })).status).toBe(201);
    expect((await server.send("GET", "/v1/b/in/o", { as: "b" })).body).toBe("hello");
    const from = { "X-Copy-From": "c/s%20%C3%A4", "X-Copy-From-Account": "a" };
    expect((await server.send("PUT", "/v1/b/in/p", { as: "b", headers: from })).status).toBe(403);
  });

  it("can be of a range", async () => {
    const headers = { "X-Copy-From": "c/s%20%C3%A4", Range: "bytes=1-3" };
    expect((await server.send("PUT", "/v1/a/c/part", { headers })).status).toBe(201);
    expect((await server.send("GET", "/v1/a/c/part")).body).toBe("ell");
    const none = { ...headers, Range: "bytes=9-" };
    expect((await server.send("PUT", "/v1/a/c/part", { headers: none })).status).toBe(416);
  });

  it.each([
    ["COPY", {}, 412],
    ["COPY", { Destination: "c" }, 412],
    ["COPY", { Destination: "c/%ff" }, 412],
    ["COPY", { Destination: "c/o", "Destination-Account": "a/b" }, 412],
    ["COPY", { Destination: "none/o" }, 404],
    ["COPY", { Destination: "c/o", "If-None-Match": HELLO }, 412],
    ["PUT", { "X-Copy-From": "o" }, 412],
    ["PUT", { "X-Copy-From": "c/none" }, 404],
    ["PUT", { "X-Copy-From": "/c/s%20%C3%A4", "Content-Length": "3" }, 400],
  ])("%s with %o is answered with %i", async (method, headers, status) => {
    const body = "Content-Length" in headers ? { body: "abc" } : {};
    const sent = await server.send(method, "/v1/a/c/s%20%C3%A4", { headers, ...body });
    expect(sent.status).toBe(status);
  });
});
