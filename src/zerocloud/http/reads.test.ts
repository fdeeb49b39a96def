import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FreshServer } from "../../../test/support/http-client.ts";

let server: FreshServer;
const ETAG = "781e5e245d69b566979b86e28d23f2c7";
const SECOND = "Tue, 14 Nov 2023 22:13:20 GMT";
const NEXT = "Tue, 14 Nov 2023 22:13:21 GMT";

beforeAll(async () => {
  server = await FreshServer.start({}, { nowMs: () => 1_700_000_000_500 });
  await server.send("PUT", "/v1/a/c/digits", { body: "0123456789" });
  await server.send("PUT", "/v1/a/c/empty", { body: "" });
});

afterAll(async () => {
  await server.close();
});

async function get(headers: Record<string, string>, path = "/v1/a/c/digits") {
  return await server.send("GET", path, { headers });
}

describe("ranges", () => {
  it.each([
    ["bytes=2-4", "234", "bytes 2-4/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=5-100", "56789", "bytes 5-9/10"],
    ["bytes=0-0,20-30", "0", "bytes 0-0/10"],
  ])("%s is one part", async (range, body, shown) => {
    const got = await get({ Range: range });
    expect(got).toMatchObject({ status: 206, body });
    expect(got.headers).toMatchObject({
      "content-range": shown,
      "content-length": String(body.length),
      etag: ETAG,
    });
  });

  it("of several parts are a body of several", async () => {
    const got = await get({ Range: "bytes=0-1,4-5,-1" });
    expect(got.status).toBe(206);
    const boundary = /^multipart\/byteranges;boundary=([0-9a-f]{32})$/.exec(
      got.headers["content-type"] ?? "",
    )?.[1];
    const type = "Content-Type: application/octet-stream\r\nContent-Range: bytes";
    expect(got.body).toBe(
      `--${boundary}\r\n${type} 0-1/10\r\n\r\n01` +
        `\r\n--${boundary}\r\n${type} 4-5/10\r\n\r\n45` +
        `\r\n--${boundary}\r\n${type} 9-9/10\r\n\r\n9\r\n--${boundary}--`,
    );
    expect(got.headers["content-length"]).toBe(String(got.body.length));
  });

  it.each(["bytes=10-", "bytes=-0", `bytes=${Array(51).fill("0-0").join(",")}`])(
    "%s cannot be satisfied",
    async (range) => {
      const got = await get({ Range: range });
      expect(got.status).toBe(416);
      expect(got.headers["content-range"]).toBe("bytes */10");
    },
  );

  it("do not multiply an object", async () => {
    expect((await get({ Range: "bytes=0-,0-" })).status).toBe(206);
    expect((await get({ Range: "bytes=0-,0-,0-0" })).status).toBe(416);
  });

  it("that are not understood, or of another object, mean all of it", async () => {
    for (const headers of [
      { Range: "lines=1-2" },
      { Range: "bytes=0-1", "If-Range": '"other"' },
      { Range: "bytes=0-1", "If-Range": SECOND },
    ]) {
      expect(await get(headers)).toMatchObject({ status: 200, body: "0123456789" });
    }
    for (const known of [`"${ETAG}"`, NEXT]) {
      expect((await get({ Range: "bytes=0-1", "If-Range": known })).status).toBe(206);
    }
  });

  it("have nothing in an empty object", async () => {
    expect((await get({ Range: "bytes=0-" }, "/v1/a/c/empty")).status).toBe(416);
    expect(await get({}, "/v1/a/c/empty")).toMatchObject({ status: 200, body: "" });
  });
});

describe("conditions", () => {
  it.each([
    [{ "If-Match": ETAG }, 200],
    [{ "If-Match": '"other"' }, 412],
    [{ "If-None-Match": `"other", "${ETAG}"` }, 304],
    [{ "If-None-Match": "*" }, 304],
    [{ "If-Modified-Since": NEXT }, 304],
    [{ "If-Modified-Since": SECOND }, 200],
    [{ "If-Unmodified-Since": SECOND }, 412],
    [{ "If-Unmodified-Since": NEXT }, 200],
    [{ "If-Match": ETAG, Range: "bytes=0-0" }, 206],
  ])("%o are answered with %i", async (headers, status) => {
    const got = await get(headers as Record<string, string>);
    expect(got.status).toBe(status);
    expect(got.headers.etag).toBe(ETAG);
    if (status >= 300) expect(got.body).toBe("");
    const head = await server.send("HEAD", "/v1/a/c/digits", { headers });
    expect(head.status).toBe(status === 206 ? 200 : status);
  });
});

describe("what is not there", () => {
  it.each(["/v1/a/c/none", "/v1/a/none/o"])("%s is answered with a text", async (path) => {
    const got = await server.send("GET", path);
    expect(got.status).toBe(404);
    expect(got.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(got.body).toContain(`Transaction: ${got.headers["x-trans-id"]}`);
    expect(got.headers["x-openstack-request-id"]).toBe(got.headers["x-trans-id"]);
  });
});
