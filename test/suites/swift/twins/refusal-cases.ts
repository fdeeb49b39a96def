import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { archive } from "../../../support/archive.ts";
import { BareClient } from "../../../support/bare-client.ts";
import { craftedTar } from "../../../support/crafted-tar.ts";
import { at, type Case, cases, jobOf, post, read, run, STDERR, STDOUT } from "./jobs.ts";

const HELLO = jobOf({ program: "hello" });
const LARGE_BYTES = 2_000_000;
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** Why requests are refused. */
export const REFUSAL_CASES: readonly Case[] = cases({
  "methods without a meaning": async (side) => {
    await side.container("c");
    await side.put("c/in", "data");
    const object = `/v1/AUTH_test/${side.name("c")}/in`;
    const headers = { "X-Zerovm-Execute": "1.0" };
    for (const [method, path, status] of [
      ["GET", "/v1/AUTH_test", 501],
      ["HEAD", "/v1/AUTH_test", 501],
      ["GET", object, 501],
      ["HEAD", object, 501],
      ["PUT", object, 501],
      ["DELETE", object, 501],
      ["TRACE", "/v1/AUTH_test", 412],
      ["PROPFIND", "/v1/AUTH_test", 412],
      ["PATCH", "/v1/AUTH_test", 412],
      ["COPY", object, 412],
    ] as const) {
      await side.ask(status, method, path, { headers });
    }
    const open = { "X-Zerovm-Execute": "open/1.0" };
    await side.ask(412, "POST", "/v1/AUTH_test", { headers: open });
    await side.ask(200, "OPTIONS", `/v1/AUTH_test/${side.name("c")}`, { headers });
    await read(side, "c/in");
  },
  "versions that there are none of": async (side) => {
    for (const version of ["", "2.0", "open", "x"]) {
      const headers = { "X-Zerovm-Execute": version };
      await side.ask(400, "POST", "/v1/AUTH_test", { headers, body: HELLO });
    }
  },
  "somebody else, and nobody": async (side) => {
    for (const [as, status] of [
      ["other", 403],
      ["reader", 403],
      ["nobody", 401],
      ["reseller", 200],
    ] as const) {
      await post(side, status, HELLO, { as, path: "/v1/AUTH_test" });
    }
  },
  "bodies that are no job": async (side) => {
    await post(side, 422, HELLO, { headers: { ETag: md5("other") } });
    await post(side, 200, HELLO, { headers: { ETag: md5(HELLO).toUpperCase() } });
    await post(side, 422, "no job");
    await post(side, 422, "");
    await post(side, 413, `"${"x".repeat(70_000)}"`);
    await post(side, 400, "[]", { type: "" });
    await post(side, 400, "[]", { type: "text/odd" });
    const chunked = { "Transfer-Encoding": "chunked" };
    await post(side, 400, "x", { type: "application/x-tar", headers: chunked });
    await post(side, 200, HELLO, { headers: chunked });
    await post(side, 400, "[]", { headers: { "X-Zerovm-Timeout": "soon" } });
  },
  "archives that are none": async (side) => {
    const type = "application/x-tar";
    await post(side, 400, craftedTar([{ name: "other", contents: "x" }]), { type });
    await post(side, 400, "no archive", { type });
    const packed = gzipSync(archive([["a", LARGE_BYTES]]), { level: 0 });
    for (const body of [
      Buffer.from("no gzip"),
      Buffer.alloc(LARGE_BYTES, "no gzip "),
      archive([["a", LARGE_BYTES]]),
      Buffer.concat([packed.subarray(0, 1000), Buffer.alloc(LARGE_BYTES, 0xff)]),
    ]) {
      await post(side, 422, body, { type: "application/x-gzip" });
    }
    const job = JSON.stringify([
      { name: "n", exec: { path: "file://image:p" }, devices: [{ name: "image" }, STDOUT] },
    ]);
    const whole = gzipSync(
      archive([
        ["boot/system.map", job],
        ["a", LARGE_BYTES],
      ]),
      { level: 0 },
    );
    for (const body of [
      whole.subarray(0, LARGE_BYTES / 2),
      Buffer.concat([whole, Buffer.alloc(LARGE_BYTES, "x")]),
    ]) {
      await post(side, 422, body, { type: "application/x-gzip" });
    }
  },
  "jobs that break rules": async (side) => {
    const exec = { path: "swift://~/twin-bin/hello" };
    const reading = (path: string) => [{ name: "stdin", path }, STDOUT];
    for (const job of [
      [],
      {},
      [{ exec, devices: [STDOUT] }],
      [{ name: "n", devices: [STDOUT] }],
      [{ name: "n", exec: {}, devices: [STDOUT] }],
      [{ name: "n", exec, devices: [{ path: "swift://~/c/in" }] }],
      [{ name: "n", exec, devices: [{ name: "nothing" }, STDOUT] }],
      [{ name: "n", exec, devices: reading("swift://~") }],
      [{ name: "n", exec, devices: reading("file://in") }],
      [{ exec, count: 0 }, { name: "b" }],
      [{ name: "n", exec, devices: [STDOUT, STDERR] }],
    ]) {
      const body = JSON.stringify(job, undefined, 1);
      const { status } = await side.send("POST", "/v1/AUTH_test", {
        headers: { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" },
        body,
      });
      await post(side, status, body);
      await post(side, status, body, { headers: { Accept: "application/json" } });
      await post(side, status, body, { path: "/v1/AUTH_test?format=json" });
    }
  },
  "what is not there": async (side) => {
    await side.container("c");
    await side.put("c/in", "data");
    await run(side, 404, [{ program: at(side, "c/none") }]);
    await run(side, 404, [{ program: at(side, "none/none") }]);
    await run(side, 400, [{ program: "file://image:error" }]);
    await run(side, 400, [{ program: "file://tools:none" }]);
    const devices = [{ name: "stdin", path: at(side, "c/none") }, STDOUT];
    await run(side, 404, [
      { name: "well", program: "hello" },
      { name: "ill", program: "cat", devices },
    ]);
    const script = [
      { name: "script", path: at(side, "c/none") },
      { name: "stdin", path: at(side, "c/in") },
      STDOUT,
    ];
    await run(side, 404, [{ program: "cat", devices: script, more: { replicate: 2 } }]);
    const out = [{ name: "stdout", path: at(side, "none/out") }];
    await run(side, 404, [{ program: "hello", devices: out }]);
    const report = { path: "/v1/AUTH_test?format=json" };
    await run(side, 404, [{ program: "cat", devices }], report);
    await run(side, 404, [{ program: "hello", devices: out }], report);
  },
  "a container that is missing lets nothing run, nor store": async (side) => {
    await side.container("c");
    await side.put("c/in", "data");
    const well = [{ name: "stdout", path: at(side, "c/of-well") }];
    const ill = [
      { name: "stdin", path: at(side, "c/in") },
      STDOUT,
      { name: "stderr", path: at(side, "none/e") },
    ];
    await run(side, 404, [
      { name: "well", program: "hello", devices: well },
      { name: "ill", program: "hello", devices: ill },
    ]);
    await read(side, "c/of-well", 404);
  },
  "an input that has expired": async (side) => {
    await side.container("c");
    await side.put("c/in", "data", { headers: { "X-Delete-After": "1" } });
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const devices = [{ name: "stdin", path: at(side, "c/in") }, STDOUT];
    await run(side, 404, [{ program: "cat", devices }]);
  },
  "a body that breaks off": async (side) => {
    const head = [
      "POST /v1/AUTH_test HTTP/1.1",
      "Host: cloud.example",
      `X-Auth-Token: ${side.token("tester")}`,
      "X-Zerovm-Execute: 1.0",
      "Content-Type: application/json",
      "Content-Length: 1000",
      "",
      '[{"name"',
    ].join("\r\n");
    const { socket, answer } = await BareClient.open(side.port);
    socket.end(head);
    side.note("is refused", /^HTTP\/1.1 4/.test(await answer));
  },
});
