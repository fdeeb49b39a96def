import { expect, test } from "vitest";
import { groupOf, judgeText } from "../../test/support/judge-job.ts";
import { circleHint } from "./circle-hint.ts";

const PIPE = (name: string, next: string) =>
  groupOf({ name, devices: [{ name: "stdout", path: `zvm://${next}:stdin` }] });

async function hintFor(job: unknown, name: string, alias: string): Promise<string | undefined> {
  const { plan } = await judgeText(job);
  if (plan === undefined) throw new Error("the job has errors");
  return circleHint(plan, { name, alias });
}

const ADVICE = ": in a circle nodes read as many bytes as they know to be there, and not to an end";

test("nodes that wait for each other's ends are told that they are in a circle", async () => {
  const circle = [PIPE("a", "b"), PIPE("b", "c"), PIPE("c", "a")];
  expect(await hintFor(circle, "a", "/dev/stdin")).toBe(
    `a waited for c, to which its own output leads${ADVICE}`,
  );
  const mesh = [groupOf({ name: "m", count: 3, connect: ["m"] })];
  expect(await hintFor(mesh, "m-2", "/dev/in/m-1")).toBe(
    `m-2 waited for m-1, to which its own output leads${ADVICE}`,
  );
});

test("others are not", async () => {
  const line = [PIPE("a", "b"), PIPE("b", "c"), groupOf({ name: "c" })];
  expect(await hintFor(line, "b", "/dev/stdin")).toBe(undefined);
  // It waited for room.
  const circle = [PIPE("a", "b"), PIPE("b", "a")];
  expect(await hintFor(circle, "a", "/dev/stdout")).toBe(undefined);
});
