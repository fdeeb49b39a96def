import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  guestOf,
  invalidCodeGuest,
  showingGuest,
  writingGuest,
} from "../../../test/support/guests.ts";
import { JobServer } from "../../../test/support/job-server.ts";

/** Lines of the book's list 9.3: what programs write, stored and answered. */

let server: JobServer;

/** Writes `out` to standard output and `err` to standard error. */
const TWO_STREAMS = guestOf(
  `(drop (call $write (i32.const 1) (i32.const 64) (i32.const 3)))
   (drop (call $write (i32.const 2) (i32.const 72) (i32.const 3)))`,
  `(data (i32.const 64) "out") (data (i32.const 72) "err")`,
);

/** Writes `part`, then does what a program may not. */
const FAULTING = guestOf(
  "(drop (call $write (i32.const 1) (i32.const 64) (i32.const 4))) (unreachable)",
  `(data (i32.const 64) "part")`,
);

beforeAll(async () => {
  server = await JobServer.start();
  await server.put("hello", writingGuest("hello"));
  await server.put("warn", writingGuest("warned", 2));
  await server.put("two", TWO_STREAMS);
  await server.put("faulting", FAULTING);
  await server.put("nvram", showingGuest("dev/nvram"));
  await server.http.send("PUT", "/v1/a/other");
});
afterAll(async () => await server.close());

const c = (object: string) => `swift://~/c/${object}`;
const stored = async (path: string) => await server.http.send("GET", `/v1/a/${path}`);

describe("stored outputs", () => {
  test("store stdout and stderr: two outputs, and an answer without a body", async () => {
    const devices = [
      { name: "stdout", path: c("out"), content_type: "text/out" },
      { name: "stderr", path: "swift://~/other/err", content_type: "text/err" },
    ];
    const answer = await server.run([{ program: "c/two", devices }]);
    expect(answer).toMatchObject({ status: 200, body: "" });
    const type = (name: string) => ({ "content-type": `text/${name}` });
    expect(await stored("c/out")).toMatchObject({ body: "out", headers: type("out") });
    expect(await stored("other/err")).toMatchObject({ body: "err", headers: type("err") });
  });

  test("stored stdout, immediate stderr: one is an object, the other the answer", async () => {
    const devices = [{ name: "stdout", path: c("mixed") }, { name: "stderr" }];
    const answer = await server.run([{ program: "c/two", devices }]);
    expect(answer).toMatchObject({
      status: 200,
      body: "err",
      headers: { "content-type": "text/html", "x-zerovm-device": "stderr" },
    });
    expect((await stored("c/mixed")).body).toBe("out");
  });

  test.each([
    ["devices", "name"],
    ["devices", "device"],
    ["file_list", "name"],
    ["file_list", "device"],
  ])("alternative syntax: %s with %s", async (list, name) => {
    const object = `${list}-${name}`;
    const devices = [{ [name]: "stdout", path: c(object) }, { [name]: "stderr" }];
    const job = [{ name: "n", exec: { path: c("two") }, [list]: devices }];
    const answer = await server.post("application/json", JSON.stringify(job));
    expect(answer).toMatchObject({ status: 200, body: "err" });
    expect((await stored(`c/${object}`)).body).toBe("out");
  });

  test("store meta: metadata of what is written, beside it and elsewhere (X 17)", async () => {
    const meta = { Key1: "value1", key2: "value2" };
    const devices = [
      { name: "stdout", path: c("meta-out"), meta },
      { name: "stderr", path: c("meta-err"), meta },
    ];
    expect((await server.run([{ program: "c/two", devices }])).status).toBe(200);
    for (const object of ["meta-out", "meta-err"]) {
      expect((await stored(`c/${object}`)).headers).toMatchObject({
        "x-object-meta-key1": "value1",
        "x-object-meta-key2": "value2",
      });
    }
  });

  test("cgi response, stored: type and metadata of its head, and no status", async () => {
    const head = "Status: 404 Odd\nContent-Type: text/own\nX-Object-Meta-Key: own\nX-Other: 1";
    for (const [kind, text] of [
      ["message/cgi", `${head}\n\nbody`],
      ["message/http", `HTTP/1.1 404 Odd\r\n${head.replaceAll("\n", "\r\n")}\r\n\r\nbody`],
    ] as const) {
      await server.put("cgi", writingGuest(text));
      const meta = { Key: "of the job" };
      const devices = [{ name: "stdout", path: c("cgi-out"), content_type: kind, meta }];
      const answer = await server.run([{ program: "c/cgi", devices }]);
      expect(answer).toMatchObject({ status: 200, body: "" });
      const { status, body, headers } = await stored("c/cgi-out");
      expect({ status, body }).toEqual({ status: 200, body: "body" });
      expect(headers).toMatchObject({ "content-type": "text/own", "x-object-meta-key": "own" });
      expect(headers).not.toHaveProperty("x-other");
    }
  });

  test("cgi environment: LOCAL_* of an object that is written", async () => {
    const meta = { Key: "value" };
    const devices = [{ name: "stdout", path: c("told"), content_type: "text/told", meta }];
    expect((await server.run([{ program: "c/nvram", devices }])).status).toBe(200);
    const { body } = await stored("c/told");
    const local = body.match(/(?<=name=)LOCAL_.*/g) ?? [];
    expect([...local].sort()).toEqual([
      "LOCAL_CONTENT_TYPE, value=text/told",
      "LOCAL_DOCUMENT_ROOT, value=/dev/stdout",
      "LOCAL_HTTP_X_OBJECT_META_KEY, value=value",
      "LOCAL_OBJECT, value=on",
      "LOCAL_PATH_INFO, value=/a/c/told",
    ]);
  });

  test("min_size: stored where it is long enough, to the byte, and sent no sooner either", async () => {
    const sized = (min_size: number) => [
      { name: "stdout", path: c(`least-${min_size}`), min_size },
      { name: "stderr", min_size },
    ];
    const enough = await server.run([{ program: "c/two", devices: sized(3) }]);
    expect(enough).toMatchObject({ status: 200, body: "err" });
    expect((await stored("c/least-3")).body).toBe("out");
    const short = await server.run([{ program: "c/two", devices: sized(4) }]);
    expect(short).toMatchObject({ status: 200, body: "" });
    expect((await stored("c/least-4")).status).toBe(404);
  });

  test("relative path: `swift://./` and `swift://~/` are the account of the request", async () => {
    const devices = [{ name: "stdout", path: "swift://./c/relative" }];
    const answer = await server.run([{ program: "swift://./c/hello", devices }]);
    expect(answer).toMatchObject({ status: 200, headers: { "x-nexe-status": "ok." } });
    expect((await stored("c/relative")).body).toBe("hello");
  });
});

describe("answers", () => {
  test.each([
    ["stdout", "c/hello", "hellohello"],
    ["stderr", "c/warn", "warnedwarned"],
  ])("immediate %s with count 2: concatenation, and an entry each", async (name, program, body) => {
    const answer = await server.run([{ program, devices: [{ name }], more: { count: 2 } }]);
    expect(answer.body).toBe(body);
    expect(answer.headers).toMatchObject({
      "content-length": String(body.length),
      "x-nexe-system": "n-1,n-2",
      "x-nexe-status": "ok.,ok.",
      "x-nexe-retcode": "0,0",
    });
  });

  test("bad return code: 500 with the body, and what was stored is stored", async () => {
    const answer = await server.run([{ program: "c/faulting" }]);
    expect(answer).toMatchObject({ status: 500, body: "part" });
    expect(answer.headers["x-nexe-error"]).toBe("bad return code");
    const devices = [{ name: "stdout", path: c("part") }];
    const storing = await server.run([{ program: "c/faulting", devices }]);
    expect(storing).toMatchObject({ status: 500, headers: { "x-nexe-error": "bad return code" } });
    expect((await stored("c/part")).body).toBe("part");
  });

  test("invalid http message: what has no head is answered as it is, with 200", async () => {
    const text = "HTTP/one 404\nno head\n\nbody";
    await server.put("headless", writingGuest(text));
    const devices = [{ name: "stdout", content_type: "message/http" }];
    const answer = await server.run([{ program: "c/headless", devices }]);
    expect(answer).toMatchObject({ status: 200, body: text });
  });

  test("invalid executable: the header of validation and the status tell", async () => {
    await server.put("invalid", invalidCodeGuest());
    const answer = await server.run([{ program: "c/invalid" }]);
    expect(answer.status).toBe(500);
    expect(answer.headers["x-nexe-validation"]).toBe("1");
    expect(answer.headers["x-nexe-status"]).not.toBe("ok.");
    expect(answer.body).toMatch(/^swift:\/\/~\/c\/invalid is no valid module: /);
  });

  test("setting nexe headers: none that a program prints is in the answer", async () => {
    const names = ["System", "Status", "Retcode", "Etag", "Validation", "Cdr-Line", "Policy"];
    const forged = [...names, "Colocated", "Error", "Cached"].map(
      (name) => `X-Nexe-${name}: forged`,
    );
    await server.put("forging", writingGuest(`${forged.join("\n")}\nX-Own: 1\n\nbody`));
    const devices = [{ name: "stdout", content_type: "message/cgi" }];
    const { status, body, headers } = await server.run([{ program: "c/forging", devices }]);
    expect({ status, body }).toEqual({ status: 200, body: "body" });
    expect(JSON.stringify(headers)).not.toContain("forged");
    expect(headers).toMatchObject({ "x-own": "1", "x-nexe-system": "n", "x-nexe-status": "ok." });
    expect(headers).not.toHaveProperty("x-nexe-error");
  });
});
