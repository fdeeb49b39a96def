import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { textOf } from "../../../test/support/fresh-store.ts";
import {
  COPYING_GUEST,
  exitingGuest,
  LOOPING_GUEST,
  showingGuest,
  writingGuest,
} from "../../../test/support/guests.ts";
import { JobServer } from "../../../test/support/job-server.ts";

let server: JobServer;

beforeEach(async () => {
  server = await JobServer.start();
  await server.put("hello", writingGuest("hello"));
});
afterEach(async () => await server.close());

const c = (object: string) => `swift://~/c/${object}`;
const inOut = (input: string) => [{ name: "stdin", path: c(input) }, { name: "stdout" }];

describe("a job in a request", () => {
  test("hello: runs a minimal job, and tells of its node in headers", async () => {
    const answer = await server.run([{ name: "hello", program: "c/hello" }]);
    expect(answer).toMatchObject({
      status: 200,
      body: "hello",
      headers: {
        "content-type": "text/html",
        "content-length": "5",
        "x-nexe-system": "hello",
        "x-nexe-status": "ok.",
        "x-nexe-retcode": "0",
        "x-nexe-etag": "/dev/stdout 5d41402abc4b2a76b9719d911017c592",
        "x-nexe-validation": "0",
        "x-nexe-policy": "-",
        "x-nexe-colocated": "0",
        "x-zerovm-device": "stdout",
        "x-chain-total-time": expect.stringMatching(/^\d+\.\d{3}$/),
        "x-zerovm-job": expect.stringMatching(/^[0-9a-f]{17}$/),
      },
    });
    expect(server.records).toMatchObject([
      {
        kind: "zerovm-cdr",
        job: answer.headers["x-zerovm-job"],
        account: "a",
        node: "hello",
        instance: 1,
        status: "ok.",
        cdr: expect.arrayContaining([5]),
      },
    ]);
    const counted = 'zerovm_jobs_ended_total{outcome="ok"} 1';
    await expect.poll(() => server.metrics.text()).toContain(counted);
  });

  test("hello stderr, relative path: answers with standard error, `.` is the own account", async () => {
    await server.put("warn", writingGuest("warned", 2));
    const program = "swift://./c/warn";
    const answer = await server.run([{ program, devices: [{ name: "stderr" }] }]);
    expect(answer).toMatchObject({ status: 200, body: "warned" });
  });

  test("store stdout: stores it, and the input stays as it is", async () => {
    await server.put("cat", COPYING_GUEST);
    await server.put("in", "data");
    const devices = [
      { name: "stdin", path: c("in") },
      { name: "stdout", path: c("out"), content_type: "text/x" },
    ];
    const answer = await server.run([{ program: "c/cat", devices }]);
    expect(answer).toMatchObject({
      status: 200,
      body: "",
      headers: { "content-type": "application/x-gtar" },
    });
    expect(await textOf(server.http.fresh.store, "out")).toBe("data");
    expect(await textOf(server.http.fresh.store, "in")).toBe("data");
  });

  test("immediate stdout with count 2, explicit content type: one behind the other", async () => {
    const devices = [{ name: "stdout", content_type: "text/x" }];
    const answer = await server.run([{ program: "c/hello", devices, more: { count: 2 } }]);
    expect(answer).toMatchObject({
      body: "hellohello",
      headers: { "content-type": "text/x", "content-length": "10", "x-nexe-system": "n-1,n-2" },
    });
  });

  test("wildcards: object, single wildcard: one node for each match", async () => {
    await server.put("cat", COPYING_GUEST);
    await server.put("in1", "one,");
    await server.put("in2", "two");
    const answer = await server.run([{ name: "m", program: "c/cat", devices: inOut("in*") }]);
    expect(answer).toMatchObject({ body: "one,two", headers: { "x-nexe-system": "m-1,m-2" } });
    const single = await server.run([{ name: "m", program: "c/cat", devices: inOut("in1*") }]);
    expect(single.headers["x-nexe-system"]).toBe("m-1");
  });

  test("min_size: a smaller output is not stored", async () => {
    const devices = [{ name: "stdout", path: c("out"), min_size: 6 }];
    expect((await server.run([{ program: "c/hello", devices }])).status).toBe(200);
    expect((await server.http.send("GET", "/v1/a/c/out")).status).toBe(404);
  });

  test("client headers that only servers send each other do nothing, nor do ranges (X 1, 2, 14)", async () => {
    await server.put("cat", COPYING_GUEST);
    await server.put("in", "data");
    const headers = {
      "X-Zerovm-Daemon": "/etc/passwd",
      "X-Nexe-Colocated": "1",
      Range: "bytes=0-1",
      "If-None-Match": "*",
      "If-Modified-Since": "Mon, 01 Jan 2035 00:00:00 GMT",
    };
    const answer = await server.run([{ program: "c/cat", devices: inOut("in") }], { headers });
    expect(answer).toMatchObject({
      status: 200,
      body: "data",
      headers: { "x-nexe-colocated": "0" },
    });
  });
});

describe("what programs say and learn", () => {
  test("cgi response, setting nexe headers: status, type and headers, but none of ours", async () => {
    const head = [
      "Status: 201 Made",
      "Content-Type: text/own",
      "X-Nexe-Etag: forged",
      "X-Zerovm-Job: forged",
      "X-Own: 1",
      "Set-Cookie: a=1",
      "Set-Cookie: b=2",
    ].join("\n");
    await server.put("cgi", writingGuest(`${head}\n\nbody`));
    const devices = [{ name: "stdout", content_type: "message/cgi" }];
    const answer = await server.run([{ program: "c/cgi", devices }]);
    expect(answer).toMatchObject({ status: 201, body: "body" });
    expect(answer.headers).toMatchObject({
      "content-type": "text/own",
      "x-own": "1",
      "set-cookie": ["a=1", "b=2"],
    });
    expect(answer.headers["x-nexe-etag"]).not.toContain("forged");
    expect(answer.headers["x-zerovm-job"]).not.toContain("forged");
  });

  test("cgi response: metadata beyond the limits of Swift is refused", async () => {
    await server.put("cgi", writingGuest(`X-Object-Meta-${"k".repeat(200)}: v\n\nbody`));
    const devices = [{ name: "stdout", content_type: "message/cgi" }];
    const answer = await server.run([{ program: "c/cgi", devices }]);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("Metadata name too long");
  });

  test("cgi environment: the request and the object beside which the node runs; no secrets", async () => {
    await server.put("show", showingGuest("dev/nvram"));
    await server.http.send("PUT", "/v1/a/c/in", {
      body: "data",
      headers: { "X-Object-Meta-Key": "value", "Content-Type": "text/in" },
    });
    const exec = { name: "own", program: "c/show", devices: inOut("in") };
    const headers = {
      Cookie: "secret=1",
      "X-Forwarded-For": "203.0.113.9",
      "X-Custom": "given",
      Host: "cloud.example:81",
    };
    const path = "/v1/a?one=1&two=%20";
    const { body } = await server.run([exec], { headers, path, as: "a" });
    for (const line of [
      "LOCAL_CONTENT_TYPE, value=text/in",
      "LOCAL_CONTENT_LENGTH, value=4",
      "LOCAL_HTTP_X_OBJECT_META_KEY, value=value",
      "LOCAL_DOCUMENT_ROOT, value=/dev/stdin",
      "QUERY_STRING, value=one=1&two=%20",
      "REQUEST_METHOD, value=POST",
      "SERVER_NAME, value=cloud.example",
      "SERVER_PORT, value=81",
      "PATH_INFO, value=/a",
      "CONTENT_TYPE, value=application/json",
      "HTTP_X_CUSTOM, value=given",
      "SCRIPT_NAME, value=own",
      "SCRIPT_FILENAME, value=swift://~/c/show",
    ]) {
      expect(body).toContain(line);
    }
    expect(body).not.toMatch(/secret|203\.0\.113|AUTH_TOKEN|REMOTE_ADDR/);
  });

  test("bad return code: 500 with what was written; an exit code alone changes nothing", async () => {
    await server.put("exit", exitingGuest(7));
    const exited = await server.run([{ program: "c/exit" }]);
    expect(exited).toMatchObject({ status: 200, headers: { "x-nexe-retcode": "7" } });
    await server.put("broken", "no program");
    const broken = await server.run([{ program: "c/broken" }]);
    expect(broken.status).toBe(500);
    expect(broken.headers["x-nexe-error"]).toMatch(/^bad return code: swift:\/\/~\/c\/broken /);
    expect(broken.body).toContain("c/broken");
    await expect.poll(() => server.metrics.text()).toContain('outcome="failed"} 1');
  });

  test("request timed out: a node that takes too long is a failure that says so", async () => {
    await server.put("loop", LOOPING_GUEST);
    const headers = { "X-Zerovm-Timeout": "1" };
    const answer = await server.run([{ program: "c/loop" }], { headers });
    expect(answer.status).toBe(500);
    expect(answer.body).toContain("ERROR OBJ.QUERY retcode=Timed out");
  });

  test("answers with a report, and with several outputs of a node as parts", async () => {
    const report = await server.run([{ program: "c/hello" }], { path: "/v1/a?format=json" });
    expect(JSON.parse(report.body)).toMatchObject({
      status: 200,
      instances: [{ name: "n", state: "ran", responses: [{ sizeBytes: 5 }] }],
    });
    const devices = [{ name: "stdout" }, { name: "stderr" }];
    const refused = await server.run([{ program: "c/hello", devices }]);
    expect(refused.status).toBe(400);
    const headers = { Accept: "multipart/mixed" };
    const parts = await server.run([{ program: "c/hello", devices }], { headers });
    expect(parts.headers["content-type"]).toMatch(/^multipart\/mixed; boundary=[0-9a-f]{32}$/);
    expect(parts.body.match(/X-Zerovm-Device: \w+/g)).toEqual([
      "X-Zerovm-Device: stdout",
      "X-Zerovm-Device: stderr",
    ]);
  });
});
