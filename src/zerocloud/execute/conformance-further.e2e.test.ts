import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  COPYING_GUEST,
  guestOf,
  LOOPING_GUEST,
  showingGuest,
  writingGuest,
} from "../../../test/support/guests.ts";
import { JobServer } from "../../../test/support/job-server.ts";

/** Lines of the book's list 9.5, which the original lacks, and of its nodes, 9.1. */

let server: JobServer;

/** Reads `/dev/input`, and writes what it read to `/dev/output`. */
const BETWEEN_DEVICES = guestOf(
  `(local $in i32) (local $out i32)
   (local.set $in (call $open (i32.const 64) (i32.const 9) (i32.const 0) (i64.const 2)))
   (local.set $out (call $open (i32.const 80) (i32.const 10) (i32.const 1) (i64.const 64)))
   (if (i32.lt_s (local.get $in) (i32.const 0)) (then (call $proc_exit (i32.const 1))))
   (if (i32.lt_s (local.get $out) (i32.const 0)) (then (call $proc_exit (i32.const 2))))
   (drop (call $write (local.get $out) (i32.const 1024)
     (call $read (local.get $in) (i32.const 1024) (i32.const 4096))))`,
  `(data (i32.const 64) "dev/input") (data (i32.const 80) "dev/output")`,
);

beforeAll(async () => {
  server = await JobServer.start();
  await server.put("hello", writingGuest("hello"));
  await server.put("cat", COPYING_GUEST);
  await server.put("loop", LOOPING_GUEST);
  await server.put("between", BETWEEN_DEVICES);
  await server.put("script", showingGuest("dev/script"));
  await server.put("in", "data");
});
afterAll(async () => await server.close());

const c = (object: string) => `swift://~/c/${object}`;
const STDOUT = { name: "stdout" };
const stored = async (path: string) => await server.http.send("GET", `/v1/a/${path}`);

test("multichannel: input and output devices together", async () => {
  const devices = [
    { name: "input", path: c("in") },
    { name: "output", path: c("between-out") },
  ];
  const answer = await server.run([{ program: "c/between", devices }]);
  expect(answer).toMatchObject({ status: 200, body: "", headers: { "x-nexe-retcode": "0" } });
  expect((await stored("c/between-out")).body).toBe("data");
});

test("single node with location: it ends (X 29)", async () => {
  const answer = await server.run([{ program: "c/hello", more: { location: "here" } }]);
  expect(answer).toMatchObject({ status: 200, body: "hello" });
});

test("wildcard order defect: a plain input behind a wildcard goes to all nodes (X 23)", async () => {
  for (const name of ["w1", "w2"]) await server.put(name, name);
  const devices = [{ name: "script", path: c("w*") }, { name: "stdin", path: c("in") }, STDOUT];
  for (const [program, body] of [
    ["c/cat", "datadata"],
    ["c/script", "w1w2"],
  ] as const) {
    const answer = await server.run([{ program, devices }]);
    expect(answer).toMatchObject({ status: 200, body, headers: { "x-nexe-system": "n-1,n-2" } });
  }
});

test("duplicate remote object: two channels of a node read it (X 25)", async () => {
  const devices = [
    { name: "input", path: c("in") },
    { name: "script", path: c("in") },
    { name: "stdin", path: c("in") },
    STDOUT,
  ];
  for (const program of ["c/cat", "c/script"]) {
    expect(await server.run([{ program, devices }])).toMatchObject({ status: 200, body: "data" });
  }
});

describe("binary and non-ASCII names", () => {
  test.each(["naïve/Ωμέγα 😀", "a%20b?c#d", "quote\" and 'tick"])("%j", async (name) => {
    await server.put(name, "data");
    const devices = [
      { name: "stdin", path: c(name) },
      { name: "stdout", path: c(`${name} out`) },
    ];
    const answer = await server.run([{ name: "Knoten-é", program: "c/cat", devices }]);
    expect(answer.status).toBe(200);
    expect(decodeURIComponent(String(answer.headers["x-nexe-system"]))).toBe("Knoten-é");
    expect((await stored(`c/${encodeURIComponent(`${name} out`)}`)).body).toBe("data");
  });

  test("a name that is no text is no name: 412", async () => {
    const answer = await server.run([{ program: "c/hello" }], { path: "/v1/a/c/%ff" });
    expect(answer).toMatchObject({ status: 412, body: "Invalid UTF8\n" });
  });
});

test("expired inputs: 404, as for what never was", async () => {
  const past = { "X-Delete-After": "1" };
  await server.http.send("PUT", "/v1/a/c/expiring", { body: "data", headers: past });
  const devices = [{ name: "stdin", path: c("expiring") }, STDOUT];
  const run = async () => await server.run([{ program: "c/cat", devices }]);
  await expect.poll(async () => (await run()).status).toBe(404);
  expect((await run()).body).toBe("Error 404 Not Found while fetching /a/c/expiring");
});

test("deferred failure: the result tells what failed, beside it the status", async () => {
  const headers = { "X-Zerovm-Deferred": "always", "X-Zerovm-Timeout": "1" };
  const path = "/v1/a/c/failure";
  const deferred = await server.run([{ program: "c/loop" }], { headers, path });
  expect(deferred).toMatchObject({ status: 200, body: "swift://a/c/failure" });
  await expect.poll(async () => (await stored("c/failure")).status).toBe(200);
  expect((await stored("c/failure")).body).toContain("ERROR OBJ.QUERY retcode=Timed out");
  expect(JSON.parse((await stored("c/failure.headers")).body)).toMatchObject({
    status: 500,
    headers: { "x-nexe-status": "ZeroVM runtime error" },
  });
});

test("partial failure of PUTs: a container that is missing lets nothing run, nor store", async () => {
  const groups = [
    { name: "well", program: "c/hello", devices: [{ name: "stdout", path: c("of-well") }] },
    {
      name: "ill",
      program: "c/hello",
      devices: [
        { name: "stdin", path: c("in") },
        STDOUT,
        { name: "stderr", path: "swift://~/x/e" },
      ],
    },
  ];
  const refused = await server.run(groups);
  expect(refused).toMatchObject({ status: 404, headers: { "x-nexe-system": "ill" } });
  expect((await stored("c/of-well")).status).toBe(404);
});
