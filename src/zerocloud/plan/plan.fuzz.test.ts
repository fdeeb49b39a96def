import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyJobs, likelyJobs } from "../../../test/support/arbitrary-jobs.ts";
import { judgeText } from "../../../test/support/judge-job.ts";
import { accessesOf, instancesOf, pathOfItem } from "./index.ts";

const NAMES = fc.constantFrom(
  "o",
  "1.t",
  "2.t.x",
  "x1",
  "dir/",
  "a/b.t",
  "../up",
  "a\nb",
  "größe",
  "-",
);
const objects = fc
  .dictionary(fc.constantFrom("t/c", "t/c2", "t/out", "other/d"), fc.array(NAMES, { maxLength: 4 }))
  .map((stored) => ({ "t/c": ["o", "x1"], ...stored }));

describe("planJob", () => {
  it("gives the same plan for the same job, and one whose numbers agree", async () => {
    let planned = 0;
    const judge = async (job: unknown, stored: Record<string, string[]>): Promise<void> => {
      const text = JSON.stringify(job);
      const settings = { debugTargets: ["h:1"], isMultipart: true };
      const first = await judgeText(text, { objects: stored, settings });
      expect(await judgeText(text, { objects: stored, settings })).toEqual(first);
      const { plan, findings } = first;
      expect(plan === undefined).toBe(findings.some(({ severity }) => severity === "error"));
      if (plan === undefined) return;
      planned += 1;
      const { nodes, connections } = plan;
      expect(nodes.map(({ id }) => id)).toEqual(nodes.map((_, at) => at + 1));
      expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
      const ids = instancesOf(plan).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const ends = new Set(connections.flatMap(({ from, to }) => [from, to]));
      const devices = nodes.flatMap(({ id, channels }) =>
        channels.map(({ device }) => `${id} ${device}`),
      );
      for (const { from, to, output, input } of connections) {
        expect(from).not.toBe(to);
        devices.push(`${from} ${output}`, `${to} ${input}`);
      }
      expect(new Set(devices).size).toBe(devices.length);
      for (const node of nodes) {
        expect(node.pool).toBe(ends.has(node.id) ? "cluster" : "default");
        expect(node.channels.length).toBeLessThanOrEqual(12);
      }
      const paths = accessesOf(plan).map(({ item }) => pathOfItem(item));
      for (const path of paths) expect(path).not.toMatch(/\*|\/\.\.?(\/|$)/);
    };
    const jobs = fc.oneof({ weight: 3, arbitrary: likelyJobs }, { weight: 1, arbitrary: anyJobs });
    await fc.assert(fc.asyncProperty(jobs, objects, judge), { numRuns: 600 });
    expect(planned).toBeGreaterThan(50);
  });

  it("counts before it makes: connections of a large mesh", async () => {
    const job = [{ name: "n", exec: { path: "file://py:p" }, count: 1000, connect: ["n"] }];
    const { findings } = await judgeText(job);
    expect(findings).toMatchObject([
      {
        rule: "too-many",
        message: "The job has 1000000 connections, 100000 are the most (/0/connect/0)",
      },
    ]);
  });

  it("counts before it makes: channels of wide groups", async () => {
    const devices = Array.from({ length: 120 }, (_, at) => ({ name: `py${at}` }));
    const job = [{ name: "n", exec: { path: "file://py:p" }, count: 1000, devices }];
    const systemImages = ["py", ...devices.map(({ name }) => name)];
    const { findings } = await judgeText(job, { settings: { systemImages } });
    expect(findings).toMatchObject([{ rule: "too-many", path: "/0" }]);
  });
});
