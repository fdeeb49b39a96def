/** Bytes that are no requests, or nearly ones. */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { FreshServer, openContents } from "../../../test/support/http-client.ts";
import { ZvmError } from "../../base/index.ts";
import { decodePath, Query } from "../exchange/index.ts";
import { parseSegments } from "./manifest-puts.ts";
import { encodePath, parseTarget } from "./target.ts";

let server: FreshServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const GET = "GET /v1/a/c/o HTTP/1.1\r\nHost: h\r\nX-Auth-Token: a\r\n";

describe("hostile bytes", () => {
  const smuggled = "POST /v1/a/c HTTP/1.1\r\nHost: h\r\n";

  it.each([
    ["no HTTP", "hello there\r\n\r\n", 400],
    ["another version", "GET /v1/a HTTP/2.0\r\nHost: h\r\n\r\n", 505],
    ["no host", "GET /v1/a HTTP/1.1\r\n\r\n", 400],
    [
      "length and chunks",
      `${smuggled}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
    ],
    ["two hosts", "GET /v1/a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400],
    ["two lengths", `${smuggled}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, 400],
    ["a length that is none", `${smuggled}Content-Length: +3\r\n\r\nabc`, 400],
    ["chunks that are none", `${smuggled}Transfer-Encoding: chunked, x\r\n\r\n`, 400],
    ["a header in two lines", `${smuggled}X-A: b\r\n c: d\r\n\r\n`, 400],
    ["a blank before the colon", `${smuggled}X-A : b\r\n\r\n`, 400],
    ["a zero byte", `${smuggled}X-A: \0b\r\n\r\n`, 400],
    ["a bare CR", `${smuggled}X-A: b\rX-B: c\r\n\r\n`, 400],
    ["headers that are no UTF-8", `${GET.replace("-Token: a", "-Token: \xff")}\r\n`, 400],
    ["a long header", `${GET}X-A: ${"b".repeat(8190)}\r\nConnection: close\r\n\r\n`, 400],
    ["endless headers", `${GET}${"X-A: b\r\n".repeat(20_000)}\r\n`, 431],
    ["another protocol", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 400],
    ["an upgrade", `${GET}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`, 404],
    ["all servers", "OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 412],
  ])("%s gets a plain answer", async (_what, bytes, status) => {
    server = await FreshServer.start({ limits: { idleMs: 200 } });
    const answer = await server.sendRaw(Buffer.from(bytes, "latin1"), false);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain("X-Trans-Id: tx");
    expect(answer).not.toMatch(/\.ts|node:|at .*:\d+/);
    expect((await server.send("GET", "/healthcheck")).status).toBe(200);
  });

  it("of any kind end in an answer, and harm nobody else", async () => {
    server = await FreshServer.start({ limits: { clientMs: 500, headersMs: 500, idleMs: 100 } });
    const running = server;
    await running.send("PUT", "/v1/a/c/o", { body: "here" });
    const methods = fc.constantFrom("GET", "HEAD", "PUT", "POST", "DELETE", "COPY", "OPTIONS");
    const paths = fc.oneof(
      fc.constantFrom("/v1/a", "/v1/a/c", "/v1/a/c/x", "/info", "/v1/b", "/v1//"),
      fc.webPath().map((path) => `/v1${path}`),
      fc.string({ unit: "binary-ascii" }).map((text) => `/v1/a/c/${text}`),
    );
    const names = fc.constantFrom(
      ...["Range", "If-Match", "If-Modified-Since", "X-Delete-At", "X-Copy-From", "Destination"],
      ...["Content-Length", "Transfer-Encoding", "Accept", "Expect", "ETag", "Origin", "Referer"],
      ...["X-Container-Read", "X-Object-Meta-A", "X-Container-Meta-", "Content-Type", "Connection"],
    );
    const values = fc.oneof(
      fc.constantFrom("bytes=0-1,-1", "chunked", "-1", "9".repeat(30), "*", "c/o", "100-continue"),
      fc.string({ unit: "binary-ascii", maxLength: 40 }),
    );
    const requests = fc.record({
      method: methods,
      path: paths,
      headers: fc.array(fc.tuple(names, values), { maxLength: 6 }),
      body: fc.uint8Array({ maxLength: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, path, headers, body }) => {
        const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
        const head = `${method} ${path} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: b\r\n${lines}\r\n`;
        const answer = await running.sendRaw(Buffer.concat([Buffer.from(head), body]));
        if (answer !== "") expect(answer).toMatch(/^HTTP\/1\.1 [1-5]\d\d /);
        expect(answer).not.toMatch(/HTTP\/1\.1 500/);
      }),
      { numRuns: 150 },
    );
    expect((await running.send("GET", "/v1/a/c/o")).body).toBe("here");
    await expect.poll(() => openContents(running.fresh.folder)).toEqual([]);
  });
});

describe("parsers", () => {
  /** @returns what was made of the input; undefined where it was refused in order */
  function tried<Result>(parse: () => Result): Result | undefined {
    try {
      return parse();
    } catch (cause) {
      if (cause instanceof ZvmError) return undefined;
      throw cause;
    }
  }

  it("read back every path that they write", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        if (!text.includes("\0")) expect(decodePath(encodePath(text))).toBe(text);
      }),
    );
  });

  it("lose nothing of the names in a path", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("/", "a", ".", "v1", "\n") }), (tail) => {
        const path = `/v1/${tail}`;
        const target = tried(() => parseTarget(path));
        if (target === undefined) return;
        const names = [target.account];
        if (target.kind !== "account") names.push(target.container);
        if (target.kind === "object") names.push(target.object);
        expect(names.every((name) => name !== "")).toBe(true);
        const written = `/v1/${names.join("/")}`;
        expect([written, `${written}/`, `${written}//`]).toContain(path);
      }),
    );
  });

  it("refuse queries and manifests in order", () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((some) => Buffer.from(some));
    fc.assert(
      fc.property(bytes, fc.json(), (some, json) => {
        tried(() => new Query(some.toString("latin1")).get("limit"));
        tried(() => parseSegments(some));
        tried(() => parseSegments(Buffer.from(json)));
        tried(() => parseSegments(Buffer.from(`[${json}, {"path": ${json}, "range": ${json}}]`)));
      }),
    );
  });
});
