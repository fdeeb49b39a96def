import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FreshServer, openContents } from "../../../test/support/http-client.ts";

let server: FreshServer;
const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const SEGMENTS = [
  { path: "/c/s/1", etag: md5("alpha"), size_bytes: 5 },
  { path: "/c/s/2", size_bytes: null, etag: null },
  { path: "c/s/1", range: "0-1" },
];
const WHOLE = "alphabetaal";
const ETAG = md5(`${md5("alpha")}${md5("beta")}${md5("alpha")}:0-1;`);

beforeEach(async () => {
  server = await FreshServer.start();
  await server.send("PUT", "/v1/a/c/s/1", { body: "alpha" });
  await server.send("PUT", "/v1/a/c/s/2", { body: "beta" });
});

afterEach(async () => {
  await server.close();
});

async function putManifest(path: string, segments: unknown, headers = {}) {
  const body = typeof segments === "string" ? segments : JSON.stringify(segments);
  return await server.send("PUT", `${path}?multipart-manifest=put`, { body, headers });
}

describe("a static large object", () => {
  beforeEach(async () => {
    const headers = { "Content-Type": "a/b", "X-Object-Meta-X": "1" };
    const put = await putManifest("/v1/a/c/large", SEGMENTS, headers);
    expect(put.status).toBe(201);
    expect(put.headers.etag).toBe(`"${ETAG}"`);
  });

  it("is read as one, whole and in ranges", async () => {
    const got = await server.send("GET", "/v1/a/c/large");
    expect(got).toMatchObject({ status: 200, body: WHOLE });
    expect(got.headers).toMatchObject({
      "content-length": "11",
      "content-type": "a/b",
      "x-object-meta-x": "1",
      "x-static-large-object": "True",
      etag: `"${ETAG}"`,
    });
    const part = await server.send("GET", "/v1/a/c/large", { headers: { Range: "bytes=3-9" } });
    expect(part).toMatchObject({ status: 206, body: "habetaa" });
    const parts = await server.send("GET", "/v1/a/c/large", {
      headers: { Range: "bytes=0-0,4-5" },
    });
    expect(parts.body).toMatch(/0-0\/11\r\n\r\na\r\n.*4-5\/11\r\n\r\nab\r\n--/s);
    const same = await server.send("GET", "/v1/a/c/large", {
      headers: { "If-None-Match": `"${ETAG}"` },
    });
    expect(same.status).toBe(304);
    const head = await server.send("HEAD", "/v1/a/c/large");
    expect(head.headers["content-length"]).toBe("11");
  });

  it("is listed with both of its etags", async () => {
    const { body } = await server.send("GET", "/v1/a/c?format=json&prefix=large");
    expect(JSON.parse(body)).toMatchObject([{ bytes: 11, slo_etag: `"${ETAG}"` }]);
  });

  it("shows its manifest, also in the form of an upload", async () => {
    const got = await server.send("GET", "/v1/a/c/large?multipart-manifest=get");
    expect(got.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "x-static-large-object": "True",
      etag: md5(got.body),
    });
    expect(JSON.parse(got.body)[0]).toEqual({
      name: "/c/s/1",
      hash: md5("alpha"),
      bytes: 5,
      content_type: "application/octet-stream",
      last_modified: expect.any(String),
    });
    const raw = await server.send("GET", "/v1/a/c/large?multipart-manifest=get&format=raw");
    expect(raw.headers["content-type"]).toBe("a/b");
    expect(JSON.parse(raw.body)[2]).toEqual({
      path: "/c/s/1",
      etag: md5("alpha"),
      size_bytes: 5,
      range: "0-1",
    });
    const again = await putManifest("/v1/a/c/again", raw.body, { ETag: ETAG });
    expect(again.status).toBe(201);
    const head = await server.send("HEAD", "/v1/a/c/large?multipart-manifest=get");
    expect(head.headers["content-length"]).toBe(String(got.body.length));
  });

  it("is copied as bytes, or as a manifest", async () => {
    const headers = { Destination: "c/plain", "X-Object-Meta-Y": "2" };
    expect((await server.send("COPY", "/v1/a/c/large", { headers })).status).toBe(201);
    const plain = await server.send("GET", "/v1/a/c/plain");
    expect(plain.body).toBe(WHOLE);
    expect(plain.headers["x-static-large-object"]).toBeUndefined();
    expect(plain.headers).toMatchObject({ "x-object-meta-x": "1", "x-object-meta-y": "2" });
    const path = "/v1/a/c/large?multipart-manifest=get";
    await server.send("COPY", path, { headers: { Destination: "c/manifest" } });
    const manifest = await server.send("GET", "/v1/a/c/manifest");
    expect(manifest.body).toBe(WHOLE);
    expect(manifest.headers["x-static-large-object"]).toBe("True");
  });

  it("is copied as a manifest to accounts that have its segments for the sender", async () => {
    await server.send("PUT", "/v1/b/in", { as: "b", headers: { "X-Container-Write": "a" } });
    const headers = { Destination: "in/o", "Destination-Account": "b", "X-Object-Meta-Y": "2" };
    const copy = () => server.send("COPY", "/v1/a/c/large?multipart-manifest=get", { headers });
    const denied = await copy();
    expect(denied.status).toBe(400);
    expect(denied.body.match(/s\/., 403 Forbidden\n/g)).toHaveLength(3);
    await server.send("PUT", "/v1/b/c", { as: "b", headers: { "X-Container-Read": "a" } });
    const missing = await copy();
    expect(missing.status).toBe(400);
    expect(missing.body.match(/s\/., 404 Not Found\n/g)).toHaveLength(3);
    await server.send("PUT", "/v1/b/c/s/1", { as: "b", body: "alpha" });
    await server.send("PUT", "/v1/b/c/s/2", { as: "b", body: "beta" });
    expect((await copy()).status).toBe(201);
    const got = await server.send("GET", "/v1/b/in/o", { as: "b" });
    expect(got.body).toBe(WHOLE);
    expect(got.headers).toMatchObject({
      "content-type": "a/b",
      "x-object-meta-x": "1",
      "x-object-meta-y": "2",
    });
  });

  it("is removed alone, or with its segments and a report", async () => {
    await putManifest("/v1/a/c/second", [{ path: "/c/s/2" }]);
    expect((await server.send("DELETE", "/v1/a/c/second")).status).toBe(204);
    expect((await server.send("HEAD", "/v1/a/c/s/2")).status).toBe(200);
    const gone = await server.send("DELETE", "/v1/a/c/large?multipart-manifest=delete", {
      headers: { Accept: "application/json" },
    });
    expect(gone.status).toBe(200);
    expect(JSON.parse(gone.body)).toEqual({
      "Number Deleted": 3,
      "Number Not Found": 1,
      "Response Status": "200 OK",
      "Response Body": "",
      Errors: [],
    });
    expect((await server.send("GET", "/v1/a/c")).status).toBe(204);
  });

  it("is removed where what it is made of is gone or something else", async () => {
    await putManifest("/v1/a/c/outer", [{ path: "/c/large" }, { path: "/c/s/2" }]);
    await server.send("PUT", "/v1/a/c/large", { body: "plain now" });
    await server.send("DELETE", "/v1/a/c/s/2");
    const gone = await server.send("DELETE", "/v1/a/c/outer?multipart-manifest=delete");
    expect(gone.body).toBe(
      "Number Deleted: 2\nNumber Not Found: 1\nResponse Status: 200 OK\n" +
        "Response Body: \nErrors:\n",
    );
    expect((await server.send("GET", "/v1/a/c")).body).toBe("s/1\n");
  });

  it("of manifests over manifests does not keep the server for ever", async () => {
    // What the sender may not remove stays, and is come upon again and again.
    const lists = { "X-Container-Read": "b", "X-Container-Write": "" };
    await server.send("POST", "/v1/a/c", { headers: lists });
    await server.send("PUT", "/v1/a/b", { headers: { "X-Container-Write": "b" } });
    const times = (path: string, count: number) => Array.from({ length: count }, () => ({ path }));
    await putManifest("/v1/a/c/one", times("/c/s/1", 101));
    await putManifest("/v1/a/b/two", times("/c/one", 101));
    const path = "/v1/a/b/two?multipart-manifest=delete";
    const gone = await server.send("DELETE", path, { as: "b" });
    expect(gone.body.match(/403 Forbidden\n/g)).toHaveLength(10_000);
    expect(gone.body).toContain("/b/two, 413 Payload Too Large\n");
    expect((await server.send("HEAD", "/v1/a/b/two")).status).toBe(200);
  });

  it("reports what it cannot remove", async () => {
    const path = "?multipart-manifest=delete";
    const none = await server.send("DELETE", `/v1/a/c/none${path}`);
    expect(none.body).toContain("Number Not Found: 1\n");
    const plain = await server.send("DELETE", `/v1/a/c/s/1${path}`);
    expect(plain.body).toContain("Response Status: 400 Bad Request\n");
    expect(plain.body).toMatch(/Errors:\n\/c\/s\/1, 4\d\d .*\n$/);
    expect((await server.send("HEAD", "/v1/a/c/s/1")).status).toBe(200);
  });

  it("asks for the right to each segment", async () => {
    await server.send("PUT", "/v1/a/open", { headers: { "X-Container-Read": "b" } });
    await putManifest("/v1/a/open/o", SEGMENTS);
    expect((await server.send("HEAD", "/v1/a/open/o", { as: "b" })).status).toBe(200);
    expect((await server.send("GET", "/v1/a/open/o", { as: "b" })).status).toBe(409);
    await server.send("POST", "/v1/a/open", { headers: { "X-Container-Write": "b" } });
    const body = JSON.stringify(SEGMENTS);
    const put = await server.send("PUT", "/v1/a/open/p?multipart-manifest=put", { as: "b", body });
    expect(put.status).toBe(400);
    expect(put.body.match(/s\/., 403 Forbidden\n/g)).toHaveLength(3);
    const removal = "/v1/a/open/o?multipart-manifest=delete";
    const removed = await server.send("DELETE", removal, { as: "b" });
    expect(removed.body).toContain("/c/s/1, 403 Forbidden\n");
    expect((await server.send("HEAD", "/v1/a/c/s/1")).status).toBe(200);
  });

  it("ends with an error where a segment was changed", async () => {
    await server.send("PUT", "/v1/a/c/s/1", { body: "ALPHA" });
    const got = await server.send("GET", "/v1/a/c/large");
    expect(got.status).toBe(409);
    await server.send("PUT", "/v1/a/c/s/1", { body: "alpha" });
    await server.send("DELETE", "/v1/a/c/s/2");
    await expect(server.send("GET", "/v1/a/c/large")).rejects.toThrow(/aborted|hang up/);
  });
});

describe("segments with data of their own", () => {
  const DATA = [{ data: "PDw" }, { path: "/c/s/1" }, { data: "LT4+" }];
  const whole = "<<alpha->>";

  beforeEach(async () => {
    const put = await putManifest("/v1/a/c/o", DATA);
    expect(put.status).toBe(201);
    expect(put.headers.etag).toBe(`"${md5(md5("<<") + md5("alpha") + md5("->>"))}"`);
  });

  it("are read with the others, in ranges and from other manifests too", async () => {
    expect((await server.send("GET", "/v1/a/c/o")).body).toBe(whole);
    const part = await server.send("GET", "/v1/a/c/o", { headers: { Range: "bytes=1-8" } });
    expect(part.body).toBe(whole.slice(1, 9));
    await putManifest("/v1/a/c/over", [{ path: "/c/o", range: "-2" }, { data: "IQ==" }]);
    expect((await server.send("GET", "/v1/a/c/over")).body).toBe(">>!");
    for (let from = 0; from < whole.length; from += 1) {
      const headers = { Range: `bytes=${from}-${from}, 2-6, -1` };
      const { body } = await server.send("GET", "/v1/a/c/o", { headers });
      const texts = body.split("\r\n\r\n").slice(1, 4);
      const parts = [whole.charAt(from), whole.slice(2, 7), whole.slice(-1)];
      expect(texts.map((text) => text.split("\r\n")[0])).toEqual(parts);
    }
    await expect.poll(() => openContents(server.fresh.folder)).toEqual([]);
    expect(readdirSync(join(server.fresh.folder, "incoming"))).toEqual([]);
  });

  it("are read without a file of their own", async () => {
    const incoming = join(server.fresh.folder, "incoming");
    const before = statSync(incoming, { bigint: true }).mtimeNs;
    expect((await server.send("GET", "/v1/a/c/o")).body).toBe(whole);
    expect(statSync(incoming, { bigint: true }).mtimeNs).toBe(before);
  });

  it("are shown in the manifest, which can be sent again", async () => {
    const path = "/v1/a/c/o?multipart-manifest=get";
    const [first, second] = JSON.parse((await server.send("GET", path)).body);
    expect(first).toEqual({ data: "PDw=" });
    expect(second.name).toBe("/c/s/1");
    const raw = await server.send("GET", `${path}&format=raw`);
    expect((await putManifest("/v1/a/c/again", raw.body)).status).toBe(201);
    expect((await server.send("GET", "/v1/a/c/again")).body).toBe(whole);
  });

  it("go with the manifest", async () => {
    const removed = await server.send("DELETE", "/v1/a/c/o?multipart-manifest=delete");
    expect(removed.body).toContain("Number Deleted: 2\n");
  });
});

describe("a manifest", () => {
  it.each([
    ["{", "Manifest must be valid JSON."],
    ["{}", "Manifest must be a list."],
    ["[7]", "Index 0: not a JSON object"],
    ["[{}]", 'Index 0: missing key "path"'],
    ['[{"path":"/c/s/1","foot":1}]', 'Index 0: extraneous keys "foot"'],
    ['[{"path":"/c"}]', "Index 0: path does not refer to an object"],
    ['[{"path":"/c/s/1","size_bytes":"x"}]', "Index 0: invalid size_bytes"],
    ['[{"path":"/c/s/1","size_bytes":0}]', "Index 0: too small"],
    ['[{"path":"/c/s/1","range":"4"}]', "Index 0: invalid range"],
    ['[{"path":"/c/s/1","range":"0-1,2-3"}]', "Index 0: multiple ranges"],
    ['[{"path":"/c/s/1","etag":7}]', "Index 0: invalid etag"],
    ['[{"data":"eA==","etag":"x"}]', 'Index 0: extraneous keys "etag"'],
    ['[{"data":7}]', "Index 0: data must be valid base64"],
    ['[{"data":"e"},{"data":"e=A="}]', "Index 0: data must be valid base64\nIndex 1: data must"],
    ['[{"path":"/c/s/1"},{"data":""}]', "Index 1: too small"],
    ['[{"data":"eA=="}]', "A manifest has a segment that is an object"],
    ['[1,{"path":"/c/s/1"},2]', "Index 0: not a JSON object\nIndex 2: not a JSON object"],
    ["[]", "1 to 1000 segments"],
    ['[{"path":"/c/none"}]', "Errors:\n/c/none, 404 Not Found"],
    ['[{"path":"/c/s/1","etag":"x"}]', "/c/s/1, Etag Mismatch"],
    ['[{"path":"/c/s/1","size_bytes":6}]', "/c/s/1, Size Mismatch"],
    ['[{"path":"/c/s/1","range":"9-"}]', "/c/s/1, Unsatisfiable Range"],
  ])("%s is refused in words", async (manifest, words) => {
    const put = await putManifest("/v1/a/c/o", manifest);
    expect(put.status).toBe(400);
    expect(put.body).toContain(words);
    expect((await server.send("HEAD", "/v1/a/c/o")).status).toBe(404);
  });

  it("has a limit of segments and of bytes, and another etag is refused", async () => {
    const many = Array.from({ length: 1001 }, () => ({ path: "/c/s/1" }));
    expect((await putManifest("/v1/a/c/o", many)).status).toBe(413);
    const other = { ETag: md5("x") };
    expect((await putManifest("/v1/a/c/o", SEGMENTS, other)).status).toBe(422);
    const small = await FreshServer.start({ limits: { manifestBytes: 10 } });
    try {
      const path = "/v1/a/c/o?multipart-manifest=put";
      const headers = { "Transfer-Encoding": "chunked" };
      const body = JSON.stringify(SEGMENTS);
      expect((await small.send("PUT", path, { body })).status).toBe(413);
      expect((await small.send("PUT", path, { body, headers })).status).toBe(413);
    } finally {
      await small.close();
    }
  });
});
