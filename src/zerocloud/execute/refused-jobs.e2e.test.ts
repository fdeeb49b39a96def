import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { archive } from "../../../test/support/archive.ts";
import { COPYING_GUEST, writingGuest } from "../../../test/support/guests.ts";
import { group, jobText } from "../../../test/support/job-folder.ts";
import { JobServer } from "../../../test/support/job-server.ts";

let server: JobServer;

beforeAll(async () => {
  server = await JobServer.start();
  await server.put("hello", writingGuest("hello"));
  await server.put("cat", COPYING_GUEST);
});
afterAll(async () => await server.close());

const JSON_TYPE = "application/json";

const LARGE_BYTES = 2_000_000;

/** As large as what is in it. */
function packed(files: Parameters<typeof archive>[0]): Buffer {
  return gzipSync(archive(files), { level: 0 });
}

/** More than one piece of a stream each, with what is wrong. */
function damagedGzip(): [what: string, body: Buffer, reason: string][] {
  const plain = archive([["a", LARGE_BYTES]]);
  const head = packed([["a", LARGE_BYTES]]).subarray(0, 1000);
  return [
    ["no gzip", Buffer.alloc(LARGE_BYTES, "no gzip "), "incorrect header check"],
    ["a plain tar", plain, "incorrect header check"],
    ["damaged", Buffer.concat([head, Buffer.alloc(LARGE_BYTES, 0xff)]), "invalid block type"],
    ["cut off", gzipSync(plain.subarray(0, 100_000)).subarray(0, -9), "unexpected end of file"],
  ];
}

describe("a request for a job is refused", () => {
  test.each([
    ["GET", "/v1/a", "1.0", 501],
    ["PUT", "/v1/a/c/o", "1.0", 501],
    ["HEAD", "/v1/a", "1.0", 501],
    ["DELETE", "/v1/a/c/o", "1.0", 501],
    ["PATCH", "/v1/a", "1.0", 412],
    ["POST", "/v1/a", "open/1.0", 412],
    ["COPY", "/v1/a/c/o", "1.0", 412],
  ])("invalid methods: %s %s %s is %d", async (method, path, execute, status) => {
    const headers = { "X-Zerovm-Execute": execute };
    expect((await server.http.send(method, path, { headers })).status).toBe(status);
  });

  test("the preflight of pages of other origins is answered", async () => {
    const headers = { "X-Zerovm-Execute": "1.0" };
    const answer = await server.http.send("OPTIONS", "/v1/a/c", { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.allow).toContain("POST");
  });

  test("CORS: the origin that a container allows gets its header", async () => {
    const allow = { "X-Container-Meta-Access-Control-Allow-Origin": "https://page.example" };
    await server.http.send("POST", "/v1/a/c", { headers: allow });
    const headers = { Origin: "https://page.example" };
    const answer = await server.run([{ program: "c/hello" }], { path: "/v1/a/c", headers });
    expect(answer.headers["access-control-allow-origin"]).toBe("https://page.example");
  });

  test("by somebody else: 403 for whom is known, 401 for others, and nothing is read", async () => {
    expect((await server.run([{ program: "c/hello" }], { as: "b" })).status).toBe(403);
    expect((await server.run([{ program: "c/hello" }], { as: "" })).status).toBe(401);
  });

  test("invalid ETag: 422; what is no job: 400; too large: 413", async () => {
    const etag = { ETag: "0".repeat(32) };
    expect((await server.post(JSON_TYPE, "[]", { headers: etag })).status).toBe(422);
    expect((await server.post(JSON_TYPE, "no job")).status).toBe(422);
    expect((await server.post(JSON_TYPE, `"${"x".repeat(70_000)}"`)).status).toBe(413);
    expect((await server.post("", "[]")).body).toBe("Must specify Content-Type\n");
    const chunked = { "Transfer-Encoding": "chunked" };
    const answer = await server.post("application/x-tar", "x", { headers: chunked });
    expect(answer).toMatchObject({ status: 400, body: "Must specify Content-Length\n" });
  });

  test.each(damagedGzip())("a large archive that is %s: 422", async (_, body, reason) => {
    const answer = await server.post("application/x-gzip", body);
    expect(answer.status).toBe(422);
    expect(answer.body).toBe(`Error reading application/x-gzip stream: ${reason}\n`);
  });

  test("a job in front of damage or garbage: the image that cannot be read is 422", async () => {
    const job = jobText(group({ program: "file://image:p", devices: [{ name: "image" }] }));
    const whole = packed([
      ["boot/system.map", job],
      ["a", LARGE_BYTES],
    ]);
    const garbage = Buffer.alloc(LARGE_BYTES, "x");
    for (const body of [whole.subarray(0, LARGE_BYTES / 2), Buffer.concat([whole, garbage])]) {
      const answer = await server.post("application/x-gzip", body);
      expect([answer.status, answer.body]).toEqual([
        422,
        "Failed to read the image of device image",
      ]);
    }
  });

  test("missing required fields, invalid device config: all findings, the first one first", async () => {
    const job = '[{"exec": {"path": "swift://~/c/hello"}, "count": 0},\n {"name": "b"}]';
    const { status, body, headers } = await server.post(JSON_TYPE, job);
    expect(status).toBe(400);
    expect(headers["x-zerovm-job"]).toMatch(/^[0-9a-f]{17}$/);
    const [first = "", blank, ...all] = body.trimEnd().split("\n");
    expect(blank).toBe("");
    expect(all[0]).toContain(first);
    expect(all[0]).toMatch(/^job:1:\d+: error: /);
    expect(body).toContain("job:2:");
    const accept = { Accept: JSON_TYPE };
    const answer = await server.post(JSON_TYPE, job, { headers: accept });
    expect(answer.headers["content-type"]).toBe(JSON_TYPE);
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 400,
      message: first,
      findings: expect.arrayContaining([
        expect.objectContaining({ path: "/1", line: 2, severity: "error" }),
      ]),
    });
  });

  test("local path 404, remote path 404, invalid executable name: the message is the answer", async () => {
    const devices = [{ name: "stdin", path: "swift://~/c/none" }, { name: "stdout" }];
    const input = await server.run([{ name: "x", program: "c/cat", devices }]);
    expect(input).toMatchObject({
      status: 404,
      body: "Error 404 Not Found while fetching /a/c/none",
      headers: { "x-nexe-system": "x", "x-nexe-status": "ZeroVM did not run" },
    });
    const program = await server.run([{ program: "c/none" }]);
    expect(program).toMatchObject({ status: 404, headers: { "x-nexe-etag": "-" } });
    const image = await server.run([{ program: "file://image:none" }]);
    expect(image).toMatchObject({ status: 400 });
  });

  test("a timeout that is none, and an object that nothing opens", async () => {
    const timeout = { "X-Zerovm-Timeout": "soon" };
    expect((await server.post(JSON_TYPE, "[]", { headers: timeout })).status).toBe(400);
    expect((await server.http.send("GET", "/open/a/c/hello")).status).toBe(404);
  });
});
