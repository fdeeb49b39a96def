import { writingGuest } from "../../../support/guests.ts";
import { at, type Case, CGI, cases, read, run, STDERR, STDOUT } from "./jobs.ts";

const HEAD = "Status: 404 Odd\nContent-Type: text/own\nX-Object-Meta-Key: own\nX-Other: 1";

/** What programs write: answered, stored, and told of. */
export const OUTPUT_CASES: readonly Case[] = cases({
  "a minimal job": async (side) => {
    const answer = await run(side, 200, [{ name: "hello", program: "hello" }]);
    side.note("names", Object.keys(answer.headers).sort());
  },
  "standard error, and several nodes of a group": async (side) => {
    await run(side, 200, [{ program: "warn", devices: [STDERR] }]);
    for (const program of ["hello", "cat"]) {
      const devices = [{ name: "stdout", content_type: "text/x" }];
      await run(side, 200, [{ program, devices, more: { count: 3 } }]);
    }
  },
  "several groups": async (side) => {
    await run(side, 200, [
      { name: "one", program: "hello" },
      { name: "two", program: "two", devices: [STDERR], more: { count: 2 } },
    ]);
  },
  "outputs that are stored, with types": async (side) => {
    await side.container("c");
    await side.container("other");
    const devices = [
      { name: "stdout", path: at(side, "c/out"), content_type: "text/out" },
      { name: "stderr", path: at(side, "other/err") },
    ];
    await run(side, 200, [{ program: "two", devices }]);
    await read(side, "c/out");
    await read(side, "other/err");
    const mixed = [{ name: "stdout", path: at(side, "c/mixed") }, STDERR];
    await run(side, 200, [{ program: "two", devices: mixed }]);
    await read(side, "c/mixed");
  },
  "outputs with metadata": async (side) => {
    await side.container("c");
    const meta = { Key1: "value1", key2: "välue 2" };
    const devices = [
      { name: "stdout", path: at(side, "c/out"), meta },
      { name: "stderr", path: at(side, "c/err"), meta },
    ];
    await run(side, 200, [{ program: "two", devices }]);
    await read(side, "c/out");
    await read(side, "c/err");
  },
  "a head that a program writes, stored": async (side) => {
    await side.container("c");
    for (const [kind, text] of [
      ["message/cgi", `${HEAD}\n\nbody`],
      ["message/http", `HTTP/1.1 404 Odd\r\n${HEAD.replaceAll("\n", "\r\n")}\r\n\r\nbody`],
    ] as const) {
      await side.put("c/cgi", writingGuest(text));
      const meta = { Key: "of the job" };
      const devices = [{ name: "stdout", path: at(side, "c/out"), content_type: kind, meta }];
      await run(side, 200, [{ program: at(side, "c/cgi"), devices }]);
      await read(side, "c/out");
    }
  },
  "a head that a program writes, answered": async (side) => {
    await side.container("c");
    const head = [
      "Status: 201 Made",
      "Content-Type: text/own",
      "X-Nexe-Etag: forged",
      "X-Zerovm-Job: forged",
      "X-Own: 1",
      "Set-Cookie: a=1",
      "Set-Cookie: b=2",
    ].join("\n");
    await side.put("c/cgi", writingGuest(`${head}\n\nbody`));
    await run(side, 201, [{ program: at(side, "c/cgi"), devices: [CGI] }]);
    const http = [{ name: "stdout", content_type: "message/http" }];
    await side.put("c/http", writingGuest("HTTP/1.1 207 Many\r\nX-Own: 2\r\n\r\nbody"));
    await run(side, 207, [{ program: at(side, "c/http"), devices: http }]);
    await side.put("c/headless", writingGuest("HTTP/one 404\nno head\n\nbody"));
    await run(side, 200, [{ program: at(side, "c/headless"), devices: http }]);
  },
  "headers that only Swift may set": async (side) => {
    await side.container("c");
    const names = ["System", "Status", "Retcode", "Etag", "Validation", "Policy", "Cached"];
    const more = ["X-Trans-Id: forged", "Date: forged", "X-Object-Meta-A: b", "X-Timestamp: 1"];
    const forged = [...names.map((name) => `X-Nexe-${name}: forged`), ...more].join("\n");
    await side.put("c/cgi", writingGuest(`${forged}\nX-Own: 1\n\nbody`));
    const { headers } = await run(side, 200, [{ program: at(side, "c/cgi"), devices: [CGI] }]);
    side.note("forged", JSON.stringify(headers).includes("forged"));
    await side.put("c/long", writingGuest(`X-Object-Meta-${"k".repeat(200)}: v\n\nbody`));
    await run(side, 400, [{ program: at(side, "c/long"), devices: [CGI] }]);
  },
  "a least size of outputs": async (side) => {
    await side.container("c");
    for (const [least, status] of [
      [3, 200],
      [4, 404],
    ] as const) {
      const devices = [
        { name: "stdout", path: at(side, `c/${least}`), min_size: least },
        { name: "stderr", min_size: least },
      ];
      await run(side, 200, [{ program: "two", devices }]);
      await read(side, `c/${least}`, status);
    }
  },
  "programs that fail": async (side) => {
    await side.container("c");
    await run(side, 200, [{ program: "exit" }]);
    await run(side, 500, [{ program: "broken" }]);
    await run(side, 500, [{ program: "invalid" }]);
    await run(side, 500, [{ program: "faulting" }]);
    const devices = [{ name: "stdout", path: at(side, "c/part") }];
    await run(side, 500, [{ program: "faulting", devices }]);
    await read(side, "c/part");
    const headers = { "X-Zerovm-Timeout": "1" };
    await run(side, 500, [{ program: "loop" }], { headers });
  },
  "reports and answers in parts": async (side) => {
    await side.container("c");
    const path = "/v1/AUTH_test?format=json";
    await run(side, 200, [{ program: "hello" }], { path });
    await run(side, 500, [{ program: "faulting" }], { path });
    const both = [STDOUT, STDERR];
    await run(side, 400, [{ program: "two", devices: both }]);
    const headers = { Accept: "multipart/mixed" };
    await run(side, 200, [{ program: "two", devices: both, more: { count: 2 } }], { headers });
    const stored = [{ name: "stdout", path: at(side, "c/*") }, STDERR];
    await run(side, 200, [{ program: "two", devices: stored, more: { count: 2 } }], { path });
  },
});
