import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writingGuest } from "../../../test/support/guests.ts";
import { JobServer } from "../../../test/support/job-server.ts";

let server: JobServer;

beforeEach(async () => {
  server = await JobServer.start();
  await server.put("hello", writingGuest("hello"));
});
afterEach(async () => await server.close());

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
        "x-zerovm-job": expect.stringMatching(/^[0-9a-f]{17}$/),
      },
    });
  });
});
