import { expect, test } from "vitest";
import { groupOf, judgeText } from "../../../test/support/judge-job.ts";

async function hintOf(job: unknown): Promise<string | undefined> {
  const { findings } = await judgeText(job);
  expect(findings).toHaveLength(1);
  return findings[0]?.hint;
}

test.each([
  ["reducer", "Did you mean reduce?"],
  ["map-9", "map has 3 nodes, map-1 to map-3"],
  ["reduce-1", "reduce has one node, which is called reduce"],
  ["x", "there are map, reduce"],
])("connect to %s: %s", async (target, hint) => {
  const reduce = groupOf({ name: "reduce" });
  const map = groupOf({ name: "map", count: 3, connect: [target] });
  expect(await hintOf([map, reduce])).toBe(hint);
  const devices = [{ name: "stdout", path: `zvm://${target}:stdin` }];
  expect(await hintOf([groupOf({ name: "map", count: 3, devices }), reduce])).toBe(hint);
});

test("one group alone, and one of many names", async () => {
  expect(await hintOf([groupOf({ name: "map", connect: ["x"] })])).toBe("there is only map");
  const others = Array.from({ length: 12 }, (_, at) => groupOf({ name: `other${at}` }));
  expect(await hintOf([groupOf({ name: "map", connect: ["x"] }), ...others])).toMatch(
    /^there are map, other0, .*other8, …$/,
  );
});

test("a device that reads a zvm:// URL is told which end has it", async () => {
  const devices = [{ name: "stdin", path: "zvm://map:stdout" }];
  const hint = await hintOf([groupOf({ name: "map" }), groupOf({ name: "reduce", devices })]);
  expect(hint).toMatch(/^the node that writes names the one that reads: .*zvm:\/\/NODE:DEVICE/);
});
