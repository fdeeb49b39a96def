import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { COPYING_GUEST, showingGuest, writingGuest } from "../../../test/support/guests.ts";
import { group, jobText } from "../../../test/support/job-folder.ts";
import { JobServer } from "../../../test/support/job-server.ts";
import { byteStringOf } from "../../base/index.ts";

const folder = mkdtempSync(join(tmpdir(), "zerovm-test-"));
let server: JobServer;

beforeAll(async () => {
  const path = join(folder, "tools.tar");
  writeFileSync(
    path,
    craftedTar([
      { name: "bin/show", contents: byteStringOf(showingGuest("script")) },
      { name: "bin/text", contents: byteStringOf(showingGuest("etc/text")) },
      { name: "etc/text", contents: "of the system" },
    ]),
  );
  server = await JobServer.start({ systemImages: new Map([["tools", path]]) });
  await server.put("hello", writingGuest("hello"));
  await server.put("cat", COPYING_GUEST);
  await server.put("show", showingGuest("script"));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const TAR = "application/x-tar";
const GZIP = "application/x-gzip";

/** An archive whose job runs a program of its own. */
function image(map = "boot/system.map"): Uint8Array {
  const job = jobText(group({ program: "file://image:bin/hello" }));
  return craftedTar([
    { name: map, contents: Buffer.from(job).toString() },
    { name: "bin/hello", contents: byteStringOf(writingGuest("of the image")) },
  ]);
}

describe("an archive in a request", () => {
  test.each(["boot/system.map", "boot/cluster.map"])("runs the job in its %s", async (map) => {
    const answer = await server.post(TAR, image(map));
    expect(answer).toMatchObject({ status: 200, body: "of the image" });
  });

  test("gzipped tar: unpacks what is packed", async () => {
    const answer = await server.post(GZIP, gzipSync(image()));
    expect(answer).toMatchObject({ status: 200, body: "of the image" });
  });

  test("without a job, no archive, or damaged, is refused, and nothing of it is left open", async () => {
    const none = "System boot map was not found in request\n";
    const empty = craftedTar([{ name: "other", contents: "x" }]);
    expect(await server.post(TAR, empty)).toMatchObject({ status: 400, body: none });
    expect(await server.post(TAR, "no archive")).toMatchObject({ status: 400, body: none });
    const damaged = await server.post(GZIP, "no gzip");
    expect(damaged.status).toBe(422);
    expect(damaged.body).toMatch(/^Error reading application\/x-gzip stream/);
  });
});

test("use sysimage: programs see its files", async () => {
  const devices = [{ name: "stdout" }, { name: "tools" }];
  const answer = await server.run([{ program: "file://tools:bin/text", devices }]);
  expect(answer).toMatchObject({ status: 200, body: "of the system" });
});

describe("a script in a request", () => {
  test("post script, swift interpreter: the program finds it at /script", async () => {
    const script = "#! swift://~/c/show\nthe text\n";
    const answer = await server.post("text/x-script", script);
    expect(answer).toMatchObject({
      status: 200,
      body: script,
      headers: { "content-type": "text/plain", "x-nexe-system": "script" },
    });
  });

  test("post script with sysimage: its interpreter comes from a system image", async () => {
    const script = "#! file://tools:bin/show\nthe text\n";
    expect((await server.post("text/x-script", script)).body).toBe(script);
    const none = await server.post("text/x-script", "#! file://other:bin/show\n");
    expect(none.status).toBe(400);
  });

  test("reads the object that the request names (X 4)", async () => {
    await server.put("in", "data");
    const answer = await server.post("text/x-script", "#! swift://~/c/cat\n", {
      path: "/v1/a/c/in",
    });
    expect(answer).toMatchObject({ status: 200, body: "data" });
  });

  test.each([
    ["no shebang", 400, "Unsupported Content-Type"],
    ["#! /bin/sh\n", 400, "Bad interpreter /bin/sh"],
    ["#! file://x\n", 400, "Must supply image name in shebang url file://x"],
    ["#! swift://~/c/none\n", 404, "Error 404 Not Found while fetching /a/c/none"],
  ])("%j is refused", async (script, status, text) => {
    const answer = await server.post("text/x-script", script);
    expect({ status: answer.status, text: answer.body.trimEnd() }).toEqual({ status, text });
  });
});

describe("a job that is an object", () => {
  const source = (object: string) => ({ "X-Zerovm-Source": `swift%3A//~/c/${object}` });
  const catJob = jobText(
    group({ program: "c/cat", devices: [{ name: "stdin" }, { name: "stdout" }] }),
  );

  test("sort from request: source = JSON, and the body is its standard input", async () => {
    await server.put("job", catJob, "application/json");
    const headers = source("job");
    const answer = await server.post("text/plain", "the data", { headers });
    expect(answer).toMatchObject({ status: 200, body: "the data" });
    const without = await server.post("", undefined, { headers });
    expect(without).toMatchObject({ status: 200, body: "" });
  });

  test("sort from request: source = tar", async () => {
    await server.put("app", image(), TAR);
    const answer = await server.post("", undefined, { headers: source("app") });
    expect(answer).toMatchObject({ status: 200, body: "of the image" });
  });

  test("refuses a body that nothing of it reads, and takes one that is empty", async () => {
    await server.put("deaf", jobText(group({ program: "c/hello" })), "application/json");
    const headers = source("deaf");
    const refused = await server.post("application/json", catJob, { headers });
    expect(refused.status).toBe(400);
    expect(refused.body).toContain("X-Zerovm-Source names the job, and the body of the request is");
    expect(refused.body).toContain("give a node the device stdin without a path, or send no body");
    for (const body of [undefined, ""]) {
      const answer = await server.post("application/json", body, { headers });
      expect(answer).toMatchObject({ status: 200, body: "hello" });
    }
    const chunked = { headers: { ...headers, "Transfer-Encoding": "chunked" } };
    expect(await server.post("text/plain", "", chunked)).toMatchObject({ status: 200 });
    expect(await server.post("text/plain", "some", chunked)).toMatchObject({ status: 400 });
  });

  test("is refused with its own status, and no form but one is taken (X 5)", async () => {
    const missing = await server.post("", undefined, { headers: source("none") });
    expect(missing.status).toBe(404);
    expect(missing.body).toContain("swift://a/c/none");
    const wrong = await server.post("", undefined, { headers: { "X-Zerovm-Source": "c/none" } });
    expect(wrong.status).toBe(412);
    const stranger = await server.post("", undefined, { headers: source("app"), as: "b" });
    expect(stranger.status).toBe(403);
  });

  test("may be run by whom its container lets in through it, and by no other way", async () => {
    const grants = {
      "X-Container-Meta-Rest-Endpoint": "swift://a/c/app2",
      "X-Container-Meta-Zerovm-Suid": "b,.rlistings",
    };
    await server.put("app2", image(), TAR);
    await server.http.send("POST", "/v1/a/c", { headers: grants });
    const run = async (object: string, as: string) =>
      (await server.post("", undefined, { headers: source(object), as })).status;
    expect(await run("app2", "b")).toBe(200);
    expect(await run("app2", "d")).toBe(403);
    await server.put("app3", image(), TAR);
    expect(await run("app3", "b")).toBe(403);
  });
});
