import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FreshServer, OPERATOR } from "../../../test/support/http-client.ts";

let server: FreshServer;

beforeEach(async () => {
  server = await FreshServer.start();
});

afterEach(async () => {
  await server.close();
});

describe("accounts", () => {
  it("are there as soon as their owner looks at them", async () => {
    const head = await server.send("HEAD", "/v1/b", { as: "b" });
    expect(head.status).toBe(204);
    expect(head.headers).toMatchObject({
      "x-account-container-count": "0",
      "x-account-object-count": "0",
      "x-account-bytes-used": "0",
      "x-timestamp": expect.stringMatching(/^\d{10}\.\d{5}$/),
    });
    expect((await server.send("PUT", "/v1/new/c", { as: "new" })).status).toBe(201);
  });

  it("count what they hold", async () => {
    await server.send("PUT", "/v1/a/c/o", { body: "12345" });
    const { headers } = await server.send("HEAD", "/v1/a");
    expect(headers).toMatchObject({
      "x-account-container-count": "1",
      "x-account-object-count": "1",
      "x-account-bytes-used": "5",
    });
  });

  it("keep metadata, and give it back in Swift's letters", async () => {
    const post = { headers: { "X-Account-Meta-Some-Thing": "größe", "x-account-meta-b": "2" } };
    const utf8 = { "X-Account-Meta-Some-Thing": Buffer.from("größe").toString("latin1") };
    const sent = await server.send("POST", "/v1/a", { headers: { ...post.headers, ...utf8 } });
    expect(sent.status).toBe(204);
    const raw = await server.sendRaw(
      "HEAD /v1/a HTTP/1.1\r\nHost: h\r\nX-Auth-Token: a\r\nConnection: close\r\n\r\n",
    );
    expect(Buffer.from(raw, "latin1").toString()).toContain("X-Account-Meta-Some-Thing: größe\r\n");
    await server.send("POST", "/v1/a", { headers: { "X-Remove-Account-Meta-B": "x" } });
    const after = await server.send("HEAD", "/v1/a");
    expect(after.headers["x-account-meta-b"]).toBeUndefined();
    expect(after.headers["x-account-meta-some-thing"]).toBeDefined();
  });

  it("are made and removed by an operator only", async () => {
    for (const method of ["PUT", "DELETE"]) {
      expect((await server.send(method, "/v1/a")).status).toBe(403);
      expect((await server.send(method, "/v1/a", { as: "" })).status).toBe(401);
    }
  });

  it("are all an operator's", async () => {
    expect((await server.send("PUT", "/v1/b", { as: OPERATOR })).status).toBe(201);
    expect((await server.send("PUT", "/v1/b/c", { as: OPERATOR })).status).toBe(201);
    expect((await server.send("PUT", "/v1/b/c/o", { as: OPERATOR, body: "x" })).status).toBe(201);
    expect((await server.send("GET", "/v1/b/c", { as: OPERATOR })).body).toBe("o\n");
    expect((await server.send("DELETE", "/v1/b", { as: OPERATOR })).status).toBe(409);
  });

  it("belong to their owners", async () => {
    for (const method of ["GET", "HEAD", "POST"]) {
      expect((await server.send(method, "/v1/a", { as: "b" })).status).toBe(403);
      const unknown = await server.send(method, "/v1/a", { as: "" });
      expect(unknown.status).toBe(401);
      expect(unknown.headers["www-authenticate"]).toBe('Swift realm="a"');
    }
  });
});

describe("accounts that owners manage", () => {
  it("are made, changed and removed", async () => {
    const managed = await FreshServer.start({ accountManagement: true });
    try {
      expect((await managed.send("PUT", "/v1/b", { as: "b" })).status).toBe(201);
      expect((await managed.send("PUT", "/v1/b", { as: "b" })).status).toBe(202);
      expect((await managed.send("DELETE", "/v1/b", { as: "b" })).status).toBe(204);
      expect((await managed.send("DELETE", "/v1/b", { as: "b" })).status).toBe(404);
      expect((await managed.send("DELETE", "/v1/a")).status).toBe(409);
    } finally {
      await managed.close();
    }
  });
});

describe("listings of accounts", () => {
  beforeEach(async () => {
    for (const name of ["a-1", "a-2", "b<&>"]) {
      await server.send("PUT", `/v1/a/${encodeURIComponent(name)}`);
    }
  });

  it("are plain, JSON or XML", async () => {
    const plain = await server.send("GET", "/v1/a");
    expect(plain).toMatchObject({ status: 200, body: "a-1\na-2\nb<&>\nc\n" });
    expect(plain.headers["content-type"]).toBe("text/plain; charset=utf-8");
    const json = await server.send("GET", "/v1/a?format=json&limit=1");
    expect(JSON.parse(json.body)).toEqual([
      {
        name: "a-1",
        count: 0,
        bytes: 0,
        last_modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
      },
    ]);
    const xml = await server.send("GET", "/v1/a?marker=a-2&end_marker=c", {
      headers: { Accept: "text/plain;q=0.1, application/xml" },
    });
    expect(xml.headers["content-type"]).toBe("application/xml; charset=utf-8");
    expect(xml.body).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<account name="a"><container><name>b&lt;&amp;&gt;<\/name><count>0<\/count><bytes>0<\/bytes><last_modified>[^<]+<\/last_modified><\/container><\/account>$/,
    );
  });

  it("take all of Swift's parameters", async () => {
    const lines = async (query: string) => (await server.send("GET", `/v1/a?${query}`)).body;
    expect(await lines("prefix=a-")).toBe("a-1\na-2\n");
    expect(await lines("delimiter=-")).toBe("a-\nb<&>\nc\n");
    expect(await lines("reverse=true&limit=2")).toBe("c\nb<&>\n");
    expect(await lines("limit=nonsense&prefix=c")).toBe("c\n");
    expect((await server.send("GET", "/v1/a?prefix=none")).status).toBe(204);
    expect((await server.send("GET", "/v1/a?prefix=none&format=json")).body).toBe("[]");
    expect((await server.send("GET", "/v1/a?limit=10000")).status).toBe(200);
    expect((await server.send("GET", "/v1/a?limit=10001")).status).toBe(412);
    expect((await server.send("GET", "/v1/a?limit=0")).status).toBe(204);
    expect((await server.send("GET", "/v1/a?prefix=%ff")).status).toBe(412);
  });

  it("are in no other form", async () => {
    const refused = await server.send("GET", "/v1/a", { headers: { Accept: "image/png" } });
    expect(refused.status).toBe(406);
  });
});
