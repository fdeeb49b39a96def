import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJob } from "../job/index.ts";
import { isRefusal } from "../result/index.ts";
import { type HeaderTable, type ObjectRun, type RunMethod, readObjectRun } from "./index.ts";

const ITEM = { account: "a", container: "c", object: "o" };
const PROGRAM = "swift://~/bin/gray";

function read(method: RunMethod, headers: HeaderTable = {}): ObjectRun | string {
  const run = readObjectRun(method, ITEM, { "x-zerovm-run": PROGRAM, ...headers });
  return isRefusal(run) ? `${run.status} ${run.text}` : run;
}

function jobOf(run: ObjectRun | string): unknown {
  if (typeof run === "string") throw new Error(run);
  expect(parseJob(run.job).job).toBeDefined();
  return JSON.parse(run.job)[0];
}

describe("readObjectRun", () => {
  it("gives an object that is read to the program, and its output to the client", () => {
    const run = read("GET");
    expect(jobOf(run)).toEqual({
      name: "run",
      exec: { path: PROGRAM, env: {} },
      devices: [
        { name: "stdin", path: "swift://a/c/o" },
        { name: "stdout", content_type: "application/octet-stream" },
      ],
    });
    expect(run).toMatchObject({ kind: "object-run", input: ITEM });
    expect(run).not.toHaveProperty("output");
  });

  it("stores what becomes of a body, with the type of the request", () => {
    const run = read("PUT", { "content-type": "image/png" });
    expect(jobOf(run)).toMatchObject({
      devices: [
        { name: "stdin" },
        { name: "stdout", path: "swift://a/c/o", content_type: "image/png" },
      ],
    });
    expect(run).not.toHaveProperty("input");
    expect(run).toMatchObject({ output: ITEM });
  });

  it.each([
    ["COPY", { destination: "/d/%C3%A4/b" }, "swift://a/c/o", "swift://a/d/ä/b"],
    ["COPY", { destination: "d/p" }, "swift://a/c/o", "swift://a/d/p"],
    ["PUT", { "x-copy-from": "/d/p" }, "swift://a/d/p", "swift://a/c/o"],
  ] as const)("%s with %j reads %s and stores %s", (method, headers, input, output) => {
    expect(jobOf(read(method, headers))).toMatchObject({
      devices: [
        { name: "stdin", path: input },
        { name: "stdout", path: output },
      ],
    });
  });

  it("takes the type that the sender says for the output", () => {
    for (const method of ["GET", "PUT"] as const) {
      const headers = { "x-zerovm-run-type": "message/cgi", "content-type": "image/png" };
      expect(JSON.stringify(jobOf(read(method, headers)))).toContain('"message/cgi"');
    }
  });

  it("finds programs by a name among those of the account", () => {
    const run = read("GET", { "x-zerovm-run": "gray-v2.nexe" });
    expect(jobOf(run)).toMatchObject({ exec: { path: "swift://~/.zvm/run/gray-v2.nexe" } });
  });

  it("makes variables of parameters, by their numbers", () => {
    const run = read("GET", {
      "x-zerovm-parameter-10": "size:10",
      "x-zerovm-parameter-2": "Size : 1%2C2 %C3%A4",
      "x-zerovm-parameter-9": "size:9",
      "x-zerovm-parameter-3": "PATH_INFO:/x",
      "x-zerovm-parameter-x": "a:b",
      "x-zerovm-parameter-1000": "a:b",
    });
    expect(jobOf(run)).toMatchObject({
      exec: {
        env: { PARAMETER_Size: "1,2 ä", PARAMETER_size: "10", PARAMETER_PATH_INFO: "/x" },
      },
    });
  });

  it("gives a part of the object", () => {
    const range = { "x-zerovm-range": "bytes=10-" };
    const inputRange = { kind: "from", startBytes: 10 };
    expect(read("GET", range)).toMatchObject({ inputRange });
    expect(read("COPY", { ...range, destination: "d/p" })).toMatchObject({ inputRange });
    expect(read("PUT", range)).toBe("400 X-Zerovm-Range is for a program that reads an object");
    expect(read("GET", { "x-zerovm-range": "bytes=1-2,3-4" })).toMatch(/^400 .*one range/);
  });

  it.each([
    ["GET", { range: "bytes=0-1" }, /^400 Range goes with no program/],
    ["COPY", { destination: "d/p", "destination-account": "b" }, /^400 Destination-Account/],
    ["PUT", { "x-copy-from": "d/p", "x-copy-from-account": "b" }, /^400 X-Copy-From-Account/],
    ["COPY", { destination: "d/p", "x-fresh-metadata": "1" }, /^400 X-Fresh-Metadata/],
    ["COPY", {}, /^412 Destination header required$/],
    ["COPY", { destination: "d" }, /^412 Destination header must be of the form/],
    ["COPY", { destination: "d/*" }, /^412 Destination/],
    ["COPY", { destination: "d/%ff" }, /^412 Destination/],
    ["COPY", { destination: "d/../../x" }, /^412 Destination/],
    ["PUT", { "x-copy-from": "" }, /^412 X-Copy-From/],
    ["GET", { "x-zerovm-run": "" }, /^400 X-Zerovm-Run format/],
    ["GET", { "x-zerovm-run": "swift://a/c" }, /^400 X-Zerovm-Run format/],
    ["GET", { "x-zerovm-run": "swift://a/c/*" }, /^400 X-Zerovm-Run format/],
    ["GET", { "x-zerovm-run": "file://python:python" }, /^400 X-Zerovm-Run format/],
    ["GET", { "x-zerovm-run": "../bin/x" }, /^400 X-Zerovm-Run format/],
    ["GET", { "x-zerovm-run": "%ff" }, /^400 X-Zerovm-Run format/],
    ["GET", { "x-zerovm-parameter-1": "novalue" }, /^400 X-Zerovm-Parameter-1 format/],
    ["GET", { "x-zerovm-parameter-1": "a=b:c" }, /^400 X-Zerovm-Parameter-1 format/],
    ["GET", { "x-zerovm-parameter-1": "a:%ff" }, /^400 X-Zerovm-Parameter-1 format/],
  ] as [RunMethod, HeaderTable, RegExp][])("%s with %j is refused", (method, headers, expected) => {
    expect(read(method, headers)).toMatch(expected);
  });

  it("runs over no object that a job cannot name", () => {
    const run = readObjectRun("GET", { ...ITEM, object: "a*" }, { "x-zerovm-run": PROGRAM });
    expect(run).toMatchObject({ status: 400, text: "Invalid path: swift://a/c/a*" });
  });

  it("makes of any headers a job of one group, or refuses", () => {
    const name = fc.constantFrom(
      ...["x-zerovm-run", "x-zerovm-parameter-1", "x-zerovm-range", "destination", "x-copy-from"],
      "content-type",
      "x-zerovm-run-type",
    );
    const value = fc.oneof(
      fc.constantFrom(PROGRAM, "gray", "bytes=0-", "d/p", "k:v"),
      fc.string({
        unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      }),
    );
    const method = fc.constantFrom<RunMethod>("GET", "PUT", "COPY");
    fc.assert(
      fc.property(method, fc.dictionary(name, value), (verb, headers) => {
        const run = readObjectRun(verb, ITEM, { "x-zerovm-run": PROGRAM, ...headers });
        if (isRefusal(run)) {
          expect([400, 412]).toContain(run.status);
          return;
        }
        const job = JSON.parse(run.job);
        expect(job).toHaveLength(1);
        expect(job[0].devices).toHaveLength(2);
        expect(Object.keys(job[0].exec.env).every((key) => key.startsWith("PARAMETER_"))).toBe(
          true,
        );
      }),
      { numRuns: 300 },
    );
  });
});
