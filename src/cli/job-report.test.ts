import { expect, test } from "vitest";
import { instanceOf } from "../../test/support/job-results.ts";
import type { InstanceResult } from "../zerocloud/index.ts";
import { runTable } from "./job-report.ts";
import { nodeTable } from "./show-nodes.ts";

test("the table says which limit of a channel a program met that failed", () => {
  const report = {
    exitStatus: 1,
    hits: [{ limit: "put-bytes", channel: "/dev/out/b" }, { limit: "fs-bytes" }],
  };
  const result = (exitCode: number) => ({
    seconds: 1,
    instances: [instanceOf("n", { exitCode, report })],
  });
  const table = (exitCode: number): string | undefined => {
    const run = { findings: [], leftOut: [], result: result(exitCode) };
    return runTable(run).split("\n")[1];
  };
  expect(table(1)).toMatch(/ ok\.; \/dev\/out\/b met its limit of bytes that are written$/);
  expect(table(0)).toMatch(/ ok\.$/);
});

test("the table says of what is printed that it is kept nowhere", () => {
  const wordsWith = (
    channel: object,
    changes: Partial<InstanceResult> = {},
  ): string | undefined => {
    const report = { exitStatus: 0, channels: [{ alias: "/dev/stdout", ...channel }] };
    const copies = [1, 2].map((id) => instanceOf("n", { id, report, ...changes }));
    const result = { seconds: 1, instances: copies };
    const [, first, copy] = runTable({ findings: [], leftOut: [], result }).split("\n");
    expect(copy).not.toContain("nowhere");
    return first;
  };
  const words = / ok\.; 5 bytes of its stdout are kept nowhere$/;
  expect(wordsWith({ putBytes: 5 })).toMatch(words);
  expect(wordsWith({ putBytes: 0 })).toMatch(/ ok\.$/);
  expect(wordsWith({ putBytes: 5, network: true })).toMatch(/ ok\.$/);
  const item = { account: "~", container: "c", object: "o" };
  const stored = [{ device: "stdout", item, sizeBytes: 5, etag: "" }];
  expect(wordsWith({ putBytes: 5 }, { stored })).toMatch(/ ok\.$/);
  expect(wordsWith({ putBytes: 5 }, { error: "Nothing of it" })).toMatch(/ Nothing of it$/);
});

test("copies are told apart, and no exit code is shown of a node that gave none", () => {
  const node = { name: "n", etags: [] };
  const table = nodeTable({
    nodes: [
      { ...node, status: "ok.", exitCode: 0 },
      { ...node, status: "cancelled", exitCode: 0 },
      { ...node, name: "m", status: "ok.", exitCode: 7 },
    ],
  });
  expect(table.split("\n").map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ["NODE", "STATUS", "EXIT"],
    ["n", "ok.", "0"],
    ["n (copy 1)", "cancelled", "-"],
    ["m", "ok.", "7"],
  ]);
});
