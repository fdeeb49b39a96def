import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { COPYING_GUEST, showingGuest, writingGuest } from "../../../test/support/guests.ts";
import { group, jobText } from "../../../test/support/job-folder.ts";
import { JobServer } from "../../../test/support/job-server.ts";
import { byteStringOf } from "../../base/index.ts";

/** Lines of the book's list 9.3: what requests bring, and why they are refused. */

let server: JobServer;

beforeAll(async () => {
  server = await JobServer.start();
  await server.put("hello", writingGuest("hello"));
  await server.put("cat", COPYING_GUEST);
  await server.put("in", "data");
});
afterAll(async () => await server.close());

const JSON_TYPE = "application/json";
const HELLO = jobText(group({ program: "c/hello" }));
const c = (object: string) => `swift://~/c/${object}`;
const STDOUT = { name: "stdout" };

/** Sections of the text on nvram, with the lines of each. */
function sectionsOf(nvram: string): Readonly<Record<string, readonly string[]>> {
  const pieces = nvram.split(/^\[(\w+)\]\n/m).slice(1);
  const sections: Record<string, readonly string[]> = {};
  for (let index = 0; index < pieces.length; index += 2) {
    sections[pieces[index] ?? ""] = (pieces[index + 1] ?? "").trimEnd().split("\n");
  }
  return sections;
}

test("use nvram: the guest reads fstab, args, env and mapping on its device", async () => {
  const devices = [
    { name: "stdin", path: c("in"), mode: "char" },
    { name: "stdout", mode: "pipe" },
    { name: "image" },
  ];
  const env = { ONE: "1", LIST: "a,b", EMPTY: "" };
  const job = jobText(
    group({ program: "file://show", args: "-l x", env, devices, more: { name: "own" } }),
  );
  const image = craftedTar([
    { name: "boot/system.map", contents: Buffer.from(job).toString() },
    { name: "show", contents: byteStringOf(showingGuest("dev/nvram")) },
  ]);
  const { body } = await server.post("application/x-tar", image);
  const sections = sectionsOf(body);
  expect(Object.keys(sections)).toEqual(["fstab", "args", "env", "mapping"]);
  const { fstab, args, env: variables, mapping } = sections;
  expect(fstab).toEqual(["channel=/dev/image, mountpoint=/, access=ro, removable=yes"]);
  expect(args).toEqual(["args=own -l x"]);
  expect(variables).toContain("name=ONE, value=1");
  expect(variables).toContain("name=LIST, value=a\\x2cb");
  expect(variables).toContain("name=SCRIPT_NAME, value=own");
  expect(body).not.toContain("EMPTY");
  expect(mapping).toContain("channel=/dev/stdin, mode=char");
  expect(mapping).toContain("channel=/dev/stdout, mode=pipe");
});

describe("sort from request", () => {
  const devices = [{ name: "stdin" }, { name: "stdout", content_type: "text/plain" }];
  const job = jobText(group({ program: "c/cat", devices }));
  const map = { name: "boot/system.map", contents: Buffer.from(job).toString() };

  test.each([
    ["tar", "application/x-tar", craftedTar([map])],
    ["JSON", JSON_TYPE, job],
  ])("source = %s: the body is standard input, its type does not count", async (_, type, text) => {
    await server.put("job", text, type);
    const headers = { "X-Zerovm-Source": "swift://~/c/job" };
    const answer = await server.post("application/x-tar", "unsorted", { headers });
    expect(answer).toMatchObject({
      status: 200,
      body: "unsorted",
      headers: { "content-type": "text/plain" },
    });
  });
});

describe("bodies", () => {
  /** A job of which nothing comes but its beginning. */
  const BEGUN = [
    "POST /v1/a HTTP/1.1",
    "Host: cloud.example",
    "X-Auth-Token: a",
    "X-Zerovm-Execute: 1.0",
    `Content-Type: ${JSON_TYPE}`,
    "Content-Length: 1000",
    "",
    '[{"name"',
  ].join("\r\n");

  test("client disconnect: 499 where less comes than was announced", async () => {
    await server.http.sendRaw(BEGUN);
    await expect.poll(() => server.http.ended.map(({ status }) => status)).toContain(499);
  });

  test("request timed out: 408 where a job does not come in time", async () => {
    const impatient = await JobServer.start({}, { limits: { clientMs: 300 } });
    try {
      expect(await impatient.http.sendRaw(BEGUN, false)).toMatch(/^HTTP\/1.1 408 /);
    } finally {
      await impatient.close();
    }
  });

  test("invalid ETag: 422; the right one, in capitals too, is as good as none", async () => {
    const other = createHash("md5").update("other").digest("hex");
    const wrong = await server.post(JSON_TYPE, HELLO, { headers: { ETag: other } });
    expect(wrong.status).toBe(422);
    const right = createHash("md5").update(HELLO).digest("hex").toUpperCase();
    const answer = await server.post(JSON_TYPE, HELLO, { headers: { ETag: right } });
    expect(answer).toMatchObject({ status: 200, body: "hello" });
  });
});

describe("jobs that break rules", () => {
  const exec = { path: c("hello") };
  const reading = (path: string) => [{ name: "stdin", path }, STDOUT];

  test.each([
    ["missing required fields", [{ exec, devices: [STDOUT] }], "Must specify node name"],
    [
      "missing required fields",
      [{ name: "n", devices: [STDOUT] }],
      "Must specify exec stanza for n",
    ],
    [
      "missing required fields",
      [{ name: "n", exec: {}, devices: [STDOUT] }],
      "Must specify executable path for n",
    ],
    [
      "invalid device config",
      [{ name: "n", exec, devices: [{ path: c("in") }] }],
      "Must specify device for file in n",
    ],
    [
      "invalid device config: unresolved device",
      [{ name: "n", exec, devices: [{ name: "nothing" }, STDOUT] }],
      'Could not resolve channel path "" for device: nothing',
    ],
    [
      "invalid device config: invalid path",
      [{ name: "n", exec, devices: reading("swift://~") }],
      "Invalid path URL in n",
    ],
    [
      "invalid device config: no object to read",
      [{ name: "n", exec, devices: reading("file://in") }],
      "Readable device must be a swift object",
    ],
  ])("%s: %j is 400 %j", async (_line, job, text) => {
    const answer = await server.post(JSON_TYPE, JSON.stringify(job));
    expect(answer.status).toBe(400);
    const [first] = answer.body.split("\n");
    expect(first).toContain(text);
  });
});

describe("what is not there", () => {
  const NEVER_RAN = {
    "x-nexe-status": "ZeroVM did not run",
    "x-nexe-retcode": "0",
    "x-nexe-validation": "0",
    "x-nexe-etag": "-",
    "x-nexe-colocated": "0",
  };

  test("invalid executable name: 404 with the name, 400 for a file of an image", async () => {
    const object = await server.run([{ program: "c/error" }]);
    expect(object).toMatchObject({
      status: 404,
      body: "Error 404 Not Found while fetching /a/c/error",
      headers: { "x-nexe-system": "n", ...NEVER_RAN },
    });
    const file = await server.run([{ program: "file://image:error" }]);
    expect(file.status).toBe(400);
    expect(file.body).toMatch(/^No executable found in request: file:\/\/image:error is in .*none/);
  });

  test("local path 404: the object beside which the node would run", async () => {
    const devices = [{ name: "stdin", path: c("none") }, STDOUT];
    const groups = [
      { name: "well", program: "c/hello" },
      { name: "ill", program: "c/cat", devices },
    ];
    const answer = await server.run(groups);
    expect(answer).toMatchObject({
      status: 404,
      body: "Error 404 Not Found while fetching /a/c/none",
      headers: { "x-nexe-system": "ill", ...NEVER_RAN },
    });
  });

  test("remote path 404: an object that would be brought, once however many copies", async () => {
    const devices = [{ name: "script", path: c("none") }, { name: "stdin", path: c("in") }, STDOUT];
    const answer = await server.run([{ program: "c/cat", devices, more: { replicate: 2 } }]);
    expect(answer).toMatchObject({
      status: 404,
      body: "Error 404 Not Found while fetching /a/c/none",
      headers: { "x-nexe-system": "n", ...NEVER_RAN },
    });
  });

  test("remote path 404: a container to write to, before anything runs", async () => {
    const devices = [{ name: "stdout", path: "swift://~/none/out" }];
    const answer = await server.run([{ program: "c/hello", devices }]);
    const error = "Status 404 Not Found when putting /a/none/out; there is no container none";
    expect(answer).toMatchObject({ status: 404, headers: { "x-nexe-error": error, ...NEVER_RAN } });
  });
});

describe("invalid methods", () => {
  test.each([
    ["GET", "/v1/a", 501],
    ["GET", "/v1/a/c/in", 501],
    ["HEAD", "/v1/a/c/in", 501],
    ["PUT", "/v1/a/c/in", 501],
    ["DELETE", "/v1/a/c/in", 501],
    ["TRACE", "/v1/a", 412],
    ["PROPFIND", "/v1/a", 412],
  ])("%s %s is %d, and touches nothing", async (method, path, status) => {
    const headers = { "X-Zerovm-Execute": "1.0" };
    expect((await server.http.send(method, path, { headers })).status).toBe(status);
    expect((await server.http.send("GET", "/v1/a/c/in")).body).toBe("data");
  });
});
