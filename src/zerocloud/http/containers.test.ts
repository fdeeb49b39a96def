import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FreshServer } from "../../../test/support/http-client.ts";

let server: FreshServer;

beforeEach(async () => {
  server = await FreshServer.start();
});

afterEach(async () => {
  await server.close();
});

describe("containers", () => {
  it("are made, looked at and removed", async () => {
    expect((await server.send("PUT", "/v1/a/d")).status).toBe(201);
    expect((await server.send("PUT", "/v1/a/d/")).status).toBe(202);
    const head = await server.send("HEAD", "/v1/a/d");
    expect(head.status).toBe(204);
    expect(head.headers).toMatchObject({
      "x-container-object-count": "0",
      "x-container-bytes-used": "0",
      "x-storage-policy": "Policy-0",
      "last-modified": expect.stringMatching(/ GMT$/),
    });
    await server.send("PUT", "/v1/a/d/o", { body: "x" });
    expect((await server.send("DELETE", "/v1/a/d")).status).toBe(409);
    expect((await server.send("DELETE", "/v1/a/d/o")).status).toBe(204);
    expect((await server.send("DELETE", "/v1/a/d")).status).toBe(204);
    for (const method of ["GET", "HEAD", "POST", "DELETE"]) {
      expect((await server.send(method, "/v1/a/d")).status).toBe(404);
    }
  });

  it("have the one policy that there is, also where none is named", async () => {
    const put = async (policy: string) =>
      (await server.send("PUT", "/v1/a/d", { headers: { "X-Storage-Policy": policy } })).status;
    expect(await put("")).toBe(201);
    expect(await put("policy-0")).toBe(202);
    expect(await put("gold")).toBe(400);
  });

  it("are listed between markers that are no names", async () => {
    for (const name of ["a", "b", "b1", "c"]) await server.send("PUT", `/v1/a/c/${name}`);
    const list = async (query: string) => (await server.send("GET", `/v1/a/c?${query}`)).body;
    expect(await list("marker=b%00")).toBe("b1\nc\n");
    expect(await list("reverse=1&marker=b1%00&end_marker=a%00")).toBe("b1\nb\n");
  });

  it("keep metadata and lists of access, shown to their owner only", async () => {
    const set = {
      "X-Container-Meta-Colour": "blue",
      "X-Container-Meta-Size": "9",
      "X-Container-Read": ".r:*,.rlistings,b:joe",
    };
    expect((await server.send("POST", "/v1/a/c", { headers: set })).status).toBe(204);
    const own = await server.send("HEAD", "/v1/a/c");
    expect(own.headers).toMatchObject({
      "x-container-meta-colour": "blue",
      "x-container-read": ".r:*,.rlistings,b:joe",
    });
    const other = await server.send("HEAD", "/v1/a/c", { as: "b:joe" });
    expect(other.status).toBe(204);
    expect(other.headers["x-container-read"]).toBeUndefined();
    const removal = {
      "X-Remove-Container-Meta-Colour": "x",
      "X-Container-Meta-Size": "",
      "X-Remove-Container-Read": "x",
    };
    await server.send("POST", "/v1/a/c", { headers: removal });
    const bare = await server.send("HEAD", "/v1/a/c");
    expect(Object.keys(bare.headers).filter((name) => /-meta-|-read/.test(name))).toEqual([]);
  });

  it.each([
    [{ "X-Container-Read": ".what:x" }, 400],
    [{ "X-Container-Write": ".r:*" }, 400],
    [{ "X-Container-Meta-": "x" }, 400],
    [{ [`X-Container-Meta-${"n".repeat(129)}`]: "x" }, 400],
    [{ "X-Container-Meta-N": "v".repeat(257) }, 400],
    [{ "X-Storage-Policy": "gold" }, 400],
    [{ "X-Storage-Policy": "policy-0" }, 202],
    [{ [`X-Container-Meta-${"n".repeat(128)}`]: "v".repeat(256) }, 202],
  ])("with %o are answered with %i", async (headers, status) => {
    expect((await server.send("PUT", "/v1/a/c", { headers })).status).toBe(status);
  });

  it("have names of 256 bytes", async () => {
    expect((await server.send("PUT", `/v1/a/${"n".repeat(256)}`)).status).toBe(201);
    expect((await server.send("PUT", `/v1/a/${"n".repeat(257)}`)).status).toBe(400);
    const escaped = encodeURIComponent("ö ?/#").replaceAll("%2F", "");
    expect((await server.send("PUT", `/v1/a/${escaped}`)).status).toBe(201);
    expect((await server.send("GET", "/v1/a?prefix=%C3%B6")).body).toBe("ö ?#\n");
  });
});

describe("listings of containers", () => {
  const names = ["one", "sub/a", "sub/b", "sub/deep/c", "two"];

  beforeEach(async () => {
    for (const name of names) await server.send("PUT", `/v1/a/c/${name}`, { body: name });
  });

  it("have the fields of Swift", async () => {
    const { body } = await server.send("GET", "/v1/a/c?format=json&prefix=one");
    expect(JSON.parse(body)).toEqual([
      {
        name: "one",
        hash: "f97c5d29941bfb1b2fdab0874906ab82",
        bytes: 3,
        content_type: "application/octet-stream",
        last_modified: expect.any(String),
      },
    ]);
    const xml = await server.send("GET", "/v1/a/c?format=xml&delimiter=/&marker=one");
    expect(xml.body).toContain(
      '<container name="c"><subdir name="sub/"><name>sub/</name></subdir>',
    );
    expect(xml.body).toContain("<object><name>two</name><hash>");
  });

  it("walk folders by delimiter, path and marker", async () => {
    const lines = async (query: string) => (await server.send("GET", `/v1/a/c?${query}`)).body;
    expect(await lines("delimiter=/")).toBe("one\nsub/\ntwo\n");
    expect(await lines("delimiter=%2F&prefix=sub/")).toBe("sub/a\nsub/b\nsub/deep/\n");
    expect(await lines("path=sub")).toBe("sub/a\nsub/b\n");
    expect(await lines("path=")).toBe("one\ntwo\n");
    expect(await lines("marker=sub/b&end_marker=two")).toBe("sub/deep/c\n");
    expect(await lines("reverse=on&delimiter=/")).toBe("two\nsub/\none\n");
    expect(JSON.parse(await lines("delimiter=/&format=json&limit=2"))[1]).toEqual({
      subdir: "sub/",
    });
  });

  it("write what XML cannot as a replacement", async () => {
    await server.send("PUT", "/v1/a/c/bell%07%0A%22", { body: "" });
    const { body } = await server.send("GET", "/v1/a/c?format=xml&prefix=bell");
    expect(body).toContain("<name>bell\uFFFD&#10;&quot;</name>");
  });

  it("of any length come in pages", async () => {
    const { store } = server.fresh;
    await store.containers.create({ account: "a", container: "many" });
    const all = Array.from({ length: 2345 }, (_, index) => `n${String(index).padStart(5, "0")}`);
    for (let at = 0; at < all.length; at += 500) {
      await Promise.all(
        all.slice(at, at + 500).map(async (object) => {
          const source = (async function* () {})();
          await store.objects.put({ account: "a", container: "many", object }, { source });
        }),
      );
    }
    const whole = await server.send("GET", "/v1/a/many");
    expect(whole.headers["transfer-encoding"]).toBe("chunked");
    expect(whole.body).toBe(all.map((name) => `${name}\n`).join(""));
    const json = await server.send("GET", "/v1/a/many?format=json&limit=1500");
    const listed: { name: string }[] = JSON.parse(json.body);
    expect(listed.map(({ name }) => name)).toEqual(all.slice(0, 1500));
    const back = await server.send("GET", "/v1/a/many?reverse=1&marker=n02001&limit=2001");
    expect(back.body.split("\n").slice(0, -1)).toEqual(all.slice(0, 2001).toReversed());
    const xml = await server.send("GET", "/v1/a/many?format=xml");
    expect(xml.body.match(/<object>/g)?.length).toBe(all.length);
    expect(xml.body.endsWith("</object></container>")).toBe(true);
  });
});
