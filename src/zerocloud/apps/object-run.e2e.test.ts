/** Programs over one object while it is read, written or copied. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tellingGuest } from "../../../test/support/app-guests.ts";
import { AppServer, PROGRAM_URL } from "../../../test/support/app-server.ts";
import { writingGuest } from "../../../test/support/guests.ts";

let cloud: AppServer;

beforeAll(async () => {
  cloud = await AppServer.start({ timeoutSeconds: 2 });
  await cloud.put("a/c/o", "abcdefghij", { headers: { "Content-Type": "text/plain" } });
  await cloud.put("b/c/o", "of b");
});

afterAll(async () => await cloud.close());

const run = (program: string, more: Readonly<Record<string, string>> = {}) => ({
  "X-Zerovm-Run": program.includes("/") ? program : `${PROGRAM_URL}${program}`,
  ...more,
});

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

async function contents(path: string): Promise<string> {
  const { status, body } = await cloud.send("GET", `/v1/${path}`);
  return status === 200 ? body : String(status);
}

describe("GET", () => {
  test("answers what the program makes of the object, with the etag of that", async () => {
    const headers = run("case", { "X-Zerovm-Run-Type": "text/upper" });
    const got = await cloud.send("GET", "/v1/a/c/o", { headers });
    expect(got).toMatchObject({ status: 200, body: "ABCDEFGHIJ" });
    expect(got.headers).toMatchObject({
      "content-type": "text/upper",
      "content-length": "10",
      etag: md5("ABCDEFGHIJ"),
      "x-nexe-system": "run",
    });
    expect(await contents("a/c/o")).toBe("abcdefghij");
  });

  test.each([
    ["bytes=2-4", 200, "CDE"],
    ["bytes=7-", 200, "HIJ"],
    ["bytes=-2", 200, "IJ"],
    ["bytes=8-100", 200, "IJ"],
    ["bytes=10-", 416, undefined],
    ["bytes=1-2,4-5", 400, undefined],
    ["lines=1-2", 400, undefined],
  ])("X-Zerovm-Range %s is %s", async (range, status, body) => {
    const headers = run("case", { "X-Zerovm-Range": range });
    const got = await cloud.send("GET", "/v1/a/c/o", { headers });
    expect(got.status).toBe(status);
    if (body !== undefined) expect(got.body).toBe(body);
  });

  test("reads a large object as a whole, and a part across its segments", async () => {
    await cloud.put("a/c/s1", "abcd");
    await cloud.put("a/c/s2", "efgh");
    const manifest = JSON.stringify([{ path: "/c/s1" }, { path: "/c/s2" }]);
    await cloud.send("PUT", "/v1/a/c/big?multipart-manifest=put", { body: manifest });
    const whole = await cloud.send("GET", "/v1/a/c/big", { headers: run("case") });
    expect(whole.body).toBe("ABCDEFGH");
    const part = { headers: run("case", { "X-Zerovm-Range": "bytes=3-5" }) };
    expect((await cloud.send("GET", "/v1/a/c/big", part)).body).toBe("DEF");
  });

  test("gives parameters, and takes status and headers that the program prints", async () => {
    const headers = run("tell", {
      "X-Zerovm-Run-Type": "message/cgi",
      "X-Zerovm-Parameter-1": "width:1%200",
    });
    const got = await cloud.send("GET", "/v1/a/c/o", { headers });
    expect(got.status).toBe(201);
    expect(got.headers).toMatchObject({ "content-type": "text/told", "x-own": "1" });
    expect(got.body).toContain("\nPARAMETER_width=1 0\n");
    expect(got.body.endsWith("abcdefghij")).toBe(true);
  });

  test("finds programs of the account by their names", async () => {
    await cloud.put("a/.zvm/run/upper", tellingGuest("upper:"));
    const got = await cloud.send("GET", "/v1/a/c/o", { headers: run("swift://~/.zvm/run/upper") });
    expect(got.body).toMatch(/^upper:/);
    const named = { "X-Zerovm-Run": "upper" };
    expect((await cloud.send("GET", "/v1/a/c/o", { headers: named })).body).toMatch(/^upper:/);
  });
});

describe("PUT", () => {
  test("stores what the program makes of the body, and says what was stored", async () => {
    const headers = run("case", { "Content-Type": "text/plain" });
    const put = await cloud.send("PUT", "/v1/a/c/up", { headers, body: "upload" });
    expect(put).toMatchObject({ status: 201, body: "" });
    expect(put.headers["etag"]).toBe(md5("UPLOAD"));
    const got = await cloud.send("GET", "/v1/a/c/up");
    expect(got).toMatchObject({ status: 200, body: "UPLOAD" });
    expect(got.headers).toMatchObject({ etag: md5("UPLOAD"), "content-type": "text/plain" });
  });

  test("takes a body in chunks", async () => {
    const headers = run("case", { "Transfer-Encoding": "chunked" });
    expect((await cloud.send("PUT", "/v1/a/c/chunks", { headers, body: "parts" })).status).toBe(
      201,
    );
    expect(await contents("a/c/chunks")).toBe("PARTS");
  });

  test("stores nothing where the program fails, and the object stays as it was", async () => {
    for (const program of ["fail", "loop"]) {
      const put = await cloud.send("PUT", "/v1/a/c/o", { headers: run(program), body: "new" });
      expect(put.status).toBe(program === "fail" ? 503 : 500);
      expect(await contents("a/c/o")).toBe("abcdefghij");
      await cloud.send("PUT", "/v1/a/c/none", { headers: run(program), body: "new" });
      expect(await contents("a/c/none")).toBe("404");
    }
  });

  test("stores nothing where the upload breaks off", async () => {
    const head =
      `PUT /v1/a/c/broken HTTP/1.1\r\nHost: h\r\nX-Auth-Token: a\r\nContent-Length: 100\r\n` +
      `X-Zerovm-Run: ${PROGRAM_URL}case\r\n\r\nhalf`;
    await cloud.server.http.sendRaw(head);
    await expect.poll(() => cloud.server.executor.registry.running.length).toBe(0);
    expect(await contents("a/c/broken")).toBe("404");
  });

  test("with X-Copy-From reads another object", async () => {
    const headers = run("case", { "X-Copy-From": "/c/o", "Content-Length": "0" });
    expect((await cloud.send("PUT", "/v1/a/c/from", { headers })).status).toBe(201);
    expect(await contents("a/c/from")).toBe("ABCDEFGHIJ");
  });
});

describe("COPY", () => {
  test("stores what the program makes of one object as another", async () => {
    const headers = run("case", { Destination: "c/copy", "X-Zerovm-Range": "bytes=0-2" });
    const copied = await cloud.send("COPY", "/v1/a/c/o", { headers });
    expect(copied.status).toBe(201);
    expect(copied.headers["etag"]).toBe(md5("ABC"));
    expect(await contents("a/c/copy")).toBe("ABC");
  });

  test("needs a destination that is there", async () => {
    const to = async (more: Record<string, string>) =>
      (await cloud.send("COPY", "/v1/a/c/o", { headers: run("case", more) })).status;
    expect(await to({})).toBe(412);
    expect(await to({ Destination: "nothing" })).toBe(412);
    expect(await to({ Destination: "none/x" })).toBe(404);
    expect(await to({ Destination: "c/x", "Destination-Account": "b" })).toBe(400);
  });
});

describe("a program over an object", () => {
  const status = async (as: string, path: string, headers: Readonly<Record<string, string>>) =>
    (await cloud.send("GET", path, { as, headers })).status;

  test("that fails answers with nothing of its output: 503; without an end 500", async () => {
    const failed = await cloud.send("GET", "/v1/a/c/o", { headers: run("fail") });
    expect(failed).toMatchObject({
      status: 503,
      body: "The program failed with exit code 3: ok",
    });
    expect(failed.headers["x-nexe-retcode"]).toBe("3");
    const endless = await cloud.send("GET", "/v1/a/c/o", { headers: run("loop") });
    expect(endless.status).toBe(500);
    expect(endless.body).toContain("Timed out");
  });

  test("that is missing, or none, is the client's fault", async () => {
    expect(await status("a", "/v1/a/c/o", run("missing"))).toBe(404);
    expect(await status("a", "/v1/a/c/o", run("http://x/y"))).toBe(400);
    expect(await status("a", "/v1/a/c/o", { "X-Zerovm-Run": "" })).toBe(400);
    expect(await status("a", "/v1/a/c/none", run("case"))).toBe(404);
    expect(await status("a", "/v1/a/c/o", run("case", { Range: "bytes=0-1" }))).toBe(400);
    expect(await status("a", "/v1/a/c/o", run("case", { "X-Zerovm-Deferred": "always" }))).toBe(
      400,
    );
    const post = { headers: run("case"), body: "x" };
    expect((await cloud.send("POST", "/v1/a/c/o", post)).status).toBe(501);
    expect((await cloud.send("DELETE", "/v1/a/c/o", post)).status).toBe(501);
    expect(await contents("a/c/o")).toBe("abcdefghij");
  });

  test("runs for the owner, over what he may read, with what he may read", async () => {
    await cloud.put("b/priv/p", writingGuest("private"));
    expect(await status("b", "/v1/a/c/o", run("case"))).toBe(403);
    expect(await status("", "/v1/a/c/o", run("case"))).toBe(401);
    expect(await status("b", "/v1/b/c/o", run("case"))).toBe(200);
    expect(await status("a", "/v1/a/c/o", run("swift://b/priv/p"))).toBe(403);
    await cloud.set("a/c", { "X-Container-Read": "b" });
    expect(await status("b", "/v1/a/c/o", run("case"))).toBe(403);
    await cloud.set("a/c", { "X-Container-Read": "" });
  });

  test("starts no job of its own: what it prints is only data", async () => {
    const job = [
      {
        name: "n",
        exec: { path: `${PROGRAM_URL}cat` },
        devices: [{ name: "stdin", path: "swift://b/c/o" }, { name: "stdout" }],
      },
    ];
    const head = "Content-Type: application/json\nX-Zerovm-Execute: 1.0\n\n";
    await cloud.put("a/bin/chain", writingGuest(head + JSON.stringify(job)));
    const headers = run("swift://a/bin/chain", { "X-Zerovm-Run-Type": "message/cgi" });
    const got = await cloud.send("GET", "/v1/b/c/o", { as: "b", headers });
    expect(got).toMatchObject({ status: 200, body: JSON.stringify(job) });
  });

  test("that is its own input in part stays itself for all others", async () => {
    const whole = writingGuest("whole");
    await cloud.put("a/bin/own", whole);
    // Without its data it is another program that runs.
    const part = run("own", { "X-Zerovm-Range": `bytes=0-${dataSectionAt(whole) - 1}` });
    const cut = await cloud.send("GET", "/v1/a/bin/own", { headers: part });
    expect(cut).toMatchObject({ status: 200, body: "\0".repeat(5) });
    const got = await cloud.send("GET", "/v1/a/c/o", { headers: run("own") });
    expect(got).toMatchObject({ status: 200, body: "whole" });
  });
});

const DATA_SECTION = 11;

/** Where the section with the data of a module begins; all sections are short. */
function dataSectionAt(module: Uint8Array): number {
  let at = 8;
  while (module[at] !== DATA_SECTION) {
    const low = module[at + 1] ?? 0;
    const high = low < 128 ? 0 : (module[at + 2] ?? 0);
    at += 2 + (low < 128 ? low : 1 + (low & 127) + high * 128);
  }
  return at;
}
