/** Paths, methods, rights, pages of other origins: what is judged before a call. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FreshServer } from "../../../test/support/http-client.ts";

let server: FreshServer;

beforeAll(async () => {
  server = await FreshServer.start({ info: { tempauth: { account_acls: false } } });
  await server.send("PUT", "/v1/a/c/o", { body: "hello" });
});

afterAll(async () => {
  await server.close();
});

describe("paths", () => {
  it.each([
    ["/", 412],
    ["/v1", 412],
    ["/v1/", 412],
    ["/v2/a", 400],
    ["/v1//c", 404],
    ["/v1/a//o", 404],
    ["/v1/a%2Fc", 200],
    ["/v1.0/a/c", 200],
    ["http://elsewhere/v1/a/c/o", 200],
    ["/v1/a/c/%FF", 412],
    ["/v1/a/c/%00", 412],
    ["/v1/a/c/o%ZZ", 404],
    [`/v1/a/c/${"n".repeat(1025)}`, 404],
    [`/v1/a/c/o?x=${"n".repeat(8192)}`, 414],
    ["/v1/a/c?marker=o%00", 204],
    ["/v1/a/c?marker=%FF", 412],
    ["/v1/a/c?prefix=%00", 412],
  ])("%s is answered with %i", async (path, status) => {
    expect((await server.send("GET", path)).status).toBe(status);
  });
});

describe("methods", () => {
  it.each([
    ["/v1/a", "GET, HEAD, POST, PUT, DELETE, OPTIONS"],
    ["/v1/a/c", "GET, HEAD, PUT, POST, DELETE, OPTIONS"],
    ["/v1/a/c/o", "GET, HEAD, PUT, POST, DELETE, COPY, OPTIONS"],
    ["/info", "GET, HEAD"],
  ])("that %s has not are answered with those that it has", async (path, allow) => {
    const answer = await server.send("PATCH", path);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
  });

  it("are those of objects only", async () => {
    expect((await server.send("COPY", "/v1/a/c")).status).toBe(405);
  });
});

describe("what only OpenStack Swift does", () => {
  it.each([
    ["PUT", "/v1/a/c/o", { "X-Symlink-Target": "c/p" }, "Symbolic links"],
    ["PUT", "/v1/a/c", { "X-Versions-Enabled": "true" }, "Versions"],
    ["POST", "/v1/a/c", { "X-Container-Meta-Quota-Bytes": "1" }, "Quotas"],
    ["POST", "/v1/a", { "X-Account-Access-Control": "{}" }, "Access lists of accounts"],
    ["PUT", "/v1/a/c?extract-archive=tar", {}, "Bulk upload"],
    ["POST", "/v1/a?bulk-delete", {}, "Bulk deletion"],
    ["GET", "/v1/a/c/o?temp_url_sig=x&temp_url_expires=1", {}, "Temporary URLs"],
  ])("%s %s with %o is refused in words", async (method, path, headers, words) => {
    const answer = await server.send(method, path, { headers });
    expect(answer.status).toBe(501);
    expect(answer.body).toContain(words);
  });
});

describe("rights", () => {
  it("to containers and objects are those of their lists", async () => {
    const lists = { "X-Container-Read": "b:joe,.r:.example.org", "X-Container-Write": "*:amy" };
    await server.send("PUT", "/v1/a/lists", { headers: lists });
    await server.send("PUT", "/v1/a/lists/o", { body: "x" });
    const status = async (method: string, path: string, as: string, headers = {}) =>
      (await server.send(method, path, { as, headers, ...(method === "PUT" ? { body: "" } : {}) }))
        .status;
    expect(await status("GET", "/v1/a/lists/o", "b:joe")).toBe(200);
    expect(await status("GET", "/v1/a/lists", "b:joe")).toBe(200);
    expect(await status("PUT", "/v1/a/lists/p", "b:joe")).toBe(403);
    expect(await status("PUT", "/v1/a/lists/p", "z:amy")).toBe(201);
    expect(await status("POST", "/v1/a/lists/p", "z:amy")).toBe(202);
    expect(await status("GET", "/v1/a/lists/p", "z:amy")).toBe(403);
    expect(await status("DELETE", "/v1/a/lists/p", "z:amy")).toBe(204);
    for (const method of ["PUT", "POST", "DELETE"]) {
      expect(await status(method, "/v1/a/lists", "z:amy")).toBe(403);
      expect(await status(method, "/v1/a/lists", "")).toBe(401);
    }
    const referer = { Referer: "https://www.example.org/page" };
    expect(await status("GET", "/v1/a/lists/o", "", referer)).toBe(200);
    expect(await status("GET", "/v1/a/lists", "", referer)).toBe(401);
    expect(await status("GET", "/v1/a/lists/o", "")).toBe(401);
    expect(await status("GET", "/v1/a/lists/o", "q", referer)).toBe(200);
  });

  it("do not tell what is there", async () => {
    for (const path of ["/v1/a/none", "/v1/a/none/o", "/v1/none/c/o"]) {
      expect((await server.send("GET", path, { as: "b" })).status).toBe(403);
      expect((await server.send("GET", path, { as: "" })).status).toBe(401);
    }
  });
});

describe("pages of other origins", () => {
  const rules = {
    "X-Container-Meta-Access-Control-Allow-Origin": "https://one.example https://two.example",
    "X-Container-Meta-Access-Control-Max-Age": "60",
    "X-Container-Meta-Access-Control-Expose-Headers": "X-Mine",
  };
  const origin = { Origin: "https://two.example" };

  beforeAll(async () => {
    await server.send("PUT", "/v1/a/cors", { headers: rules });
    await server.send("PUT", "/v1/a/cors/o", { body: "", headers: { "X-Object-Meta-Own": "1" } });
    const any = { "X-Container-Meta-Access-Control-Allow-Origin": "*" };
    await server.send("PUT", "/v1/a/any", { headers: any });
  });

  it("ask first, without a token", async () => {
    const asking = { ...origin, "Access-Control-Request-Method": "PUT" };
    const headers = { ...asking, "Access-Control-Request-Headers": "X-Auth-Token, X-Y" };
    const answer = await server.send("OPTIONS", "/v1/a/cors/o", { as: "", headers });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": "https://two.example",
      "access-control-allow-methods": "GET, HEAD, PUT, POST, DELETE, COPY, OPTIONS",
      "access-control-allow-headers": "X-Auth-Token, X-Y",
      "access-control-max-age": "60",
    });
    const any = await server.send("OPTIONS", "/v1/a/any/x", { as: "", headers: asking });
    expect(any.headers["access-control-allow-origin"]).toBe("*");
  });

  it.each([
    ["/v1/a/cors", { Origin: "https://three.example", "Access-Control-Request-Method": "GET" }],
    ["/v1/a/cors", { Origin: "https://two.example", "Access-Control-Request-Method": "BREW" }],
    ["/v1/a/cors", { Origin: "https://two.example" }],
    ["/v1/a/none", { Origin: "https://two.example", "Access-Control-Request-Method": "GET" }],
    ["/v1/a", { Origin: "https://two.example", "Access-Control-Request-Method": "GET" }],
  ])("are refused at %s with %o", async (path, headers) => {
    expect((await server.send("OPTIONS", path, { as: "", headers })).status).toBe(401);
  });

  it("get the headers with every answer", async () => {
    const got = await server.send("GET", "/v1/a/cors/o", { headers: origin });
    expect(got.headers["access-control-allow-origin"]).toBe("https://two.example");
    const exposed = got.headers["access-control-expose-headers"]?.split(", ");
    expect(exposed).toEqual(expect.arrayContaining(["etag", "X-Mine", "x-object-meta-own"]));
    const none = await server.send("GET", "/v1/a/cors/none", { headers: origin });
    expect(none.status).toBe(404);
    expect(none.headers["access-control-allow-origin"]).toBe("https://two.example");
    for (const headers of [{}, { Origin: "https://three.example" }]) {
      const other = await server.send("GET", "/v1/a/cors/o", { headers });
      expect(other.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  it("get them from any container where the server is not strict", async () => {
    const lax = await FreshServer.start({ strictCors: false });
    try {
      const got = await lax.send("GET", "/v1/a/c", { headers: origin });
      expect(got.headers["access-control-allow-origin"]).toBe("https://two.example");
    } finally {
      await lax.close();
    }
  });

  it("learn the methods without an origin", async () => {
    const answer = await server.send("OPTIONS", "/v1/a/c", { as: "" });
    expect(answer.status).toBe(200);
    expect(answer.headers.allow).toContain("DELETE");
  });
});

describe("pages of the server", () => {
  it("say what it can do, and that it lives", async () => {
    const info = await server.send("GET", "/info", { as: "" });
    expect(JSON.parse(info.body)).toMatchObject({
      swift: {
        max_file_size: 5 * 2 ** 30 + 2,
        container_listing_limit: 10_000,
        max_object_name_length: 1024,
        max_meta_count: 90,
        strict_cors_mode: true,
      },
      slo: { max_manifest_segments: 1000, min_segment_size: 1 },
      tempauth: { account_acls: false },
    });
    expect(await server.send("GET", "/healthcheck", { as: "" })).toMatchObject({
      status: 200,
      body: "OK",
    });
  });
});
