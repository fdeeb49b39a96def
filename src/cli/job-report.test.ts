import { expect, test } from "vitest";
import type { InstanceResult } from "../zerocloud/index.ts";
import { runTable } from "./job-report.ts";
import { nodeTable } from "./show-nodes.ts";

const NO_CALLS = { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0 };
const accounting = {
  seconds: 1,
  systemSeconds: 0,
  userSeconds: 0,
  local: NO_CALLS,
  network: NO_CALLS,
};

function ran(changes: Partial<InstanceResult>): InstanceResult {
  return {
    id: 1,
    name: "n",
    group: "n",
    state: "ran",
    status: 200,
    statusText: "ok.",
    exitCode: 0,
    validation: 0,
    etags: [],
    accounting,
    policy: "",
    colocated: "0",
    isCached: false,
    responses: [],
    stored: [],
    ...changes,
  };
}

test("the table says which limit of a channel a program met that failed", () => {
  const report = {
    exitStatus: 1,
    hits: [{ limit: "put-bytes", channel: "/dev/out/b" }, { limit: "fs-bytes" }],
  };
  const result = (exitCode: number) => ({ seconds: 1, instances: [ran({ exitCode, report })] });
  const table = (exitCode: number): string | undefined => {
    const run = { findings: [], leftOut: [], result: result(exitCode) };
    return runTable(run).split("\n")[1];
  };
  expect(table(1)).toMatch(/ ok\.; \/dev\/out\/b met its limit of bytes that are written$/);
  expect(table(0)).toMatch(/ ok\.$/);
});

test("no exit code is shown of a node that gave none", () => {
  const node = { name: "n", etags: [] };
  const table = nodeTable({
    nodes: [
      { ...node, status: "ok.", exitCode: 0 },
      { ...node, status: "cancelled", exitCode: 0 },
      { ...node, status: "ok.", exitCode: 7 },
    ],
  });
  expect(table.split("\n").map((line) => line.split(/ +/).slice(1, 3))).toEqual([
    ["STATUS", "EXIT"],
    ["ok.", "0"],
    ["cancelled", "-"],
    ["ok.", "7"],
  ]);
});
