import { expect, test } from "vitest";
import { groupOf, judgeText } from "../../../test/support/judge-job.ts";
import { PlanEnds } from "./index.ts";

async function endsOf(job: unknown): Promise<(name: string) => readonly string[]> {
  const { plan, findings } = await judgeText(job);
  if (plan === undefined) throw new Error(findings.map(({ message }) => message).join("\n"));
  const ends = new PlanEnds(plan);
  return (name) => {
    const id = plan.nodes.find((node) => node.name === name)?.id ?? 0;
    return ends.of(id).map(({ device, access, peers }) => `${access} ${device} ${peers}`);
  };
}

test("ends stand as in the manifest: what is written, then what is read, each by its peers", async () => {
  const of = await endsOf([
    groupOf({ name: "m", count: 2, connect: ["r", "m"], replicate: 2 }),
    groupOf({ name: "r", connect: ["m"] }),
  ]);
  expect(of("m-1")).toEqual([
    "write out/m-2 2,5",
    "write out/r 3",
    "read in/m-2 2,5",
    "read in/r 3",
  ]);
  expect(of("m-2")).toEqual([
    "write out/m-1 1,4",
    "write out/r 3",
    "read in/m-1 1,4",
    "read in/r 3",
  ]);
  expect(of("r")).toEqual([
    "write out/m-1 1,4",
    "write out/m-2 2,5",
    "read in/m-1 1,4",
    "read in/m-2 2,5",
  ]);
});

test("devices with a URL give both ends their names; a node without connections has none", async () => {
  const devices = [{ name: "stdout", path: "zvm://b:/dev/stdin" }];
  const of = await endsOf([
    groupOf({ name: "a", devices }),
    groupOf({ name: "b", devices: [{ name: "stdout" }] }),
    groupOf({ name: "c" }),
  ]);
  expect([of("a"), of("b"), of("c")]).toEqual([["write stdout 2"], ["read stdin 1"], []]);
});
