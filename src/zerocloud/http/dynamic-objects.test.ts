import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bytesOfSpan, inContainer, putText } from "../../../test/support/fresh-store.ts";
import { FreshServer, openContents, type Sending } from "../../../test/support/http-client.ts";
import type { ByteRange } from "../store/index.ts";

let server: FreshServer;
const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const ETAG = md5(md5("alpha") + md5("beta") + md5("gamma"));
const MANIFEST = { "X-Object-Manifest": "s/p%2F" };

beforeEach(async () => {
  server = await FreshServer.start();
  await server.send("PUT", "/v1/a/s");
  for (const [index, body] of ["alpha", "beta", "gamma"].entries()) {
    await server.send("PUT", `/v1/a/s/p/${index}`, { body });
  }
  await server.send("PUT", "/v1/a/s/q", { body: "not of it" });
  const headers = { ...MANIFEST, "Content-Type": "a/b", "X-Object-Meta-X": "1" };
  const put = await server.send("PUT", "/v1/a/c/o", { headers, body: "own" });
  expect(put).toMatchObject({ status: 201, headers: { etag: md5("own") } });
});

afterEach(async () => {
  await server.close();
});

const get = (sending: Sending = {}, path = "/v1/a/c/o") => server.send("GET", path, sending);

describe("a dynamic large object", () => {
  it("is all that its prefix names at this moment", async () => {
    const got = await get();
    expect(got).toMatchObject({ status: 200, body: "alphabetagamma" });
    const told = {
      "content-length": "14",
      "content-type": "a/b",
      etag: `"${ETAG}"`,
      "x-object-manifest": "s/p%2F",
      "x-object-meta-x": "1",
    };
    expect(got.headers).toMatchObject(told);
    expect(got.headers["x-static-large-object"]).toBeUndefined();
    expect((await server.send("HEAD", "/v1/a/c/o")).headers).toMatchObject(told);
    await server.send("PUT", "/v1/a/s/p/10", { body: "!" });
    await server.send("DELETE", "/v1/a/s/p/2");
    expect((await get()).body).toBe("alphabeta!");
    await server.send("POST", "/v1/a/c/o", { headers: { "X-Object-Manifest": "s/none" } });
    expect(await get()).toMatchObject({ body: "", headers: { etag: `"${md5("")}"` } });
  });

  it.each([
    ["bytes=3-9", 206, "habetag", "bytes 3-9/14"],
    ["bytes=-4", 206, "amma", "bytes 10-13/14"],
    ["bytes=9-", 206, "gamma", "bytes 9-13/14"],
    ["bytes=14-", 416, "", "bytes */14"],
  ])("answers %s with %i", async (Range, status, body, range) => {
    const got = await get({ headers: { Range } });
    expect(got).toMatchObject({ status, body, headers: { "content-range": range } });
  });

  it("answers several ranges and conditions", async () => {
    const parts = await get({ headers: { Range: "bytes=0-1,4-5" } });
    expect(parts.body).toMatch(/0-1\/14\r\n\r\nal\r\n.*4-5\/14\r\n\r\nab\r\n--/s);
    expect((await get({ headers: { "If-None-Match": `"${ETAG}"` } })).status).toBe(304);
    expect((await get({ headers: { "If-Match": md5("own") } })).status).toBe(412);
  });

  it("shows its manifest, and is listed with that", async () => {
    const got = await get({}, "/v1/a/c/o?multipart-manifest=get");
    expect(got).toMatchObject({ body: "own", headers: { etag: md5("own") } });
    expect(got.headers["x-object-manifest"]).toBe("s/p%2F");
    const { body } = await server.send("GET", "/v1/a/c?format=json");
    expect(JSON.parse(body)).toMatchObject([{ name: "o", bytes: 3, hash: md5("own") }]);
  });

  it("is one as long as POST says so", async () => {
    await server.send("POST", "/v1/a/c/o", { headers: MANIFEST });
    expect((await get()).body).toBe("alphabetagamma");
    await server.send("POST", "/v1/a/c/o", { headers: { "X-Object-Meta-Y": "2" } });
    const got = await get();
    expect(got).toMatchObject({ body: "own", headers: { etag: md5("own") } });
    expect(got.headers["x-object-manifest"]).toBeUndefined();
  });

  it("is copied as its bytes, or as a manifest", async () => {
    await server.send("COPY", "/v1/a/c/o", { headers: { Destination: "c/plain" } });
    const plain = await get({}, "/v1/a/c/plain");
    expect(plain).toMatchObject({ body: "alphabetagamma", headers: { "x-object-meta-x": "1" } });
    expect(plain.headers["x-object-manifest"]).toBeUndefined();
    const ranged = { Destination: "c/part", Range: "bytes=1-2" };
    await server.send("COPY", "/v1/a/c/o", { headers: ranged });
    expect((await get({}, "/v1/a/c/part")).body).toBe("lp");
    for (const fresh of ["no", "yes"]) {
      const headers = { Destination: `c/${fresh}`, "X-Fresh-Metadata": fresh };
      await server.send("COPY", "/v1/a/c/o?multipart-manifest=get", { headers });
      const copy = await get({}, `/v1/a/c/${fresh}`);
      expect(copy.body).toBe("alphabetagamma");
      expect(copy.headers["x-object-meta-x"]).toBe(fresh === "no" ? "1" : undefined);
    }
  });

  it("may hold static ones, and is no segment of them", async () => {
    const body = JSON.stringify([{ path: "/s/p/0" }, { path: "/s/q", range: "0-2" }]);
    await server.send("PUT", "/v1/a/s/p/1?multipart-manifest=put", { body });
    expect((await get()).body).toBe("alphaalphanotgamma");
    const segments = JSON.stringify([{ path: "/c/o" }]);
    const put = await server.send("PUT", "/v1/a/c/p?multipart-manifest=put", { body: segments });
    expect(put.status).toBe(400);
    expect(put.body).toContain("a dynamic large object cannot be a segment");
    const both = await server.send("PUT", "/v1/a/c/p?multipart-manifest=put", {
      body,
      headers: MANIFEST,
    });
    expect(both.status).toBe(400);
  });

  it("that names itself has its own bytes once", async () => {
    const headers = { "X-Object-Manifest": "c/o" };
    await server.send("PUT", "/v1/a/c/o", { headers, body: "me" });
    await server.send("PUT", "/v1/a/c/o2", { headers, body: "too" });
    expect((await get()).body).toBe("metoo");
  });

  it.each(["s", "s/", "/s/p", "s//p", "s/p?x", "s/p&x", "%ff/p", "s/%00"])(
    "is refused with the manifest %s",
    async (value) => {
      const headers = { "X-Object-Manifest": value };
      for (const method of ["PUT", "POST"]) {
        const answer = await server.send(method, "/v1/a/c/o", { headers, body: "" });
        expect(answer.status).toBe(400);
        expect(answer.body).toContain("X-Object-Manifest must be in the format container/prefix");
      }
      expect((await get()).body).toBe("alphabetagamma");
    },
  );
});

describe("readers of a dynamic large object", () => {
  const lists = (container: string, list: string) =>
    server.send("POST", `/v1/a/${container}`, { headers: { "X-Container-Read": list } });

  it("need the right to list the container of the segments", async () => {
    await lists("c", "b,.r:*");
    for (const method of ["GET", "HEAD"]) {
      expect((await server.send(method, "/v1/a/c/o", { as: "b" })).status).toBe(403);
      expect((await server.send(method, "/v1/a/c/o", { as: "" })).status).toBe(401);
    }
    const shown = await get({ as: "b" }, "/v1/a/c/o?multipart-manifest=get");
    expect(shown).toMatchObject({ status: 200, body: "own" });
    await lists("s", "b,.r:*");
    expect((await get({ as: "b" })).body).toBe("alphabetagamma");
    expect((await get({ as: "" })).status).toBe(401);
    await lists("s", ".r:*,.rlistings");
    expect((await get({ as: "" })).body).toBe("alphabetagamma");
  });

  it("are told that its container is gone", async () => {
    await server.send("POST", "/v1/a/c/o", { headers: { "X-Object-Manifest": "none/p" } });
    expect((await get()).status).toBe(404);
    expect(openContents(server.fresh.folder)).toEqual([]);
  });

  it("get nothing wrong where a segment goes while it is read", async () => {
    const { store } = server.fresh;
    const stat = await store.objects.stat(inContainer("o"));
    if (stat.segments === undefined) throw new Error("it is no manifest");
    const dynamic = await store.dynamic.measure(stat, stat.segments);
    await store.objects.remove({ account: "a", container: "s", object: "p/1" });
    const read: string[] = [];
    const reading = async () => {
      for await (const span of dynamic.spans()) {
        read.push(span.address.object);
        await bytesOfSpan(span);
      }
    };
    await expect(reading()).rejects.toMatchObject({
      code: "ZVM_STORE_CONFLICT",
      message: expect.stringContaining("p/1 is gone"),
    });
    expect(read).toEqual(["p/0"]);
  });
});

describe("very many segments", () => {
  const name = (index: number) => `m/${String(index).padStart(4, "0")}`;
  const whole = (count: number) => Array.from({ length: count }, (_, at) => `${at} `).join("");
  const count = 1500;
  let many: FreshServer;

  beforeAll(async () => {
    many = await FreshServer.start({}, { measuredSegments: 1000 });
    const indexes = Array.from({ length: count }, (_, index) => index);
    await Promise.all(indexes.map((at) => putText(many.fresh.store, name(at), `${at} `)));
    const headers = { "X-Object-Manifest": "c/m/" };
    await many.send("PUT", "/v1/a/c/o", { headers, body: "own" });
  });

  afterAll(async () => {
    await many.close();
  });

  it("beyond a listing are read whole, without length and etag", async () => {
    const got = await many.send("GET", "/v1/a/c/o", { headers: { Range: "bytes=0-1" } });
    expect(got).toMatchObject({ status: 200, body: whole(count), headers: { etag: md5("own") } });
    expect(got.headers["content-length"]).toBeUndefined();
    expect((await many.send("HEAD", "/v1/a/c/o")).headers["content-length"]).toBeUndefined();
    await many.send("COPY", "/v1/a/c/o", { headers: { Destination: "c/copy" } });
    expect((await many.send("GET", "/v1/a/c/copy")).body).toBe(whole(count));
    const part = { Destination: "c/copy", Range: "bytes=0-1" };
    expect((await many.send("COPY", "/v1/a/c/o", { headers: part })).status).toBe(416);
  });

  it("are read page by page, and as they were measured or not at all", async () => {
    await many.fresh.reopen({ measuredSegments: 10_000 });
    const { store } = many.fresh;
    const stat = await store.objects.stat(inContainer("o"));
    if (stat.segments === undefined) throw new Error("it is no manifest");
    const dynamic = await store.dynamic.measure(stat, stat.segments);
    expect(dynamic.stat.sizeBytes).toBe(whole(count).length);
    const read = async (range?: ByteRange) => {
      let text = "";
      for await (const span of dynamic.spans(range)) text += await bytesOfSpan(span);
      return text;
    };
    expect(await read()).toBe(whole(count));
    const end = { offset: dynamic.stat.sizeBytes - 12, length: 12 };
    expect(await read(end)).toBe(whole(count).slice(-12));
    await store.objects.remove(inContainer(name(1200)));
    await expect(read(end)).rejects.toMatchObject({ code: "ZVM_STORE_CONFLICT" });
    expect(await read({ offset: 0, length: 4 })).toBe("0 1 ");
  });
});
