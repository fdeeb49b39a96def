import { describe, expect, it } from "vitest";
import { FakeListings } from "../../../test/support/fake-listings.ts";
import { parseJob } from "../job/index.ts";
import { pathOfItem, planJob, STANDARD_PLAN_SETTINGS } from "./index.ts";

const SETTINGS = { ...STANDARD_PLAN_SETTINGS, account: "t", systemImages: ["py"] };

describe("planJob", () => {
  it("plans the golden example B2", async () => {
    const { job } = parseJob(`
[{"name":"map","exec":{"path":"file://py:python","args":"m.py"},
  "devices":[{"name":"input","path":"swift://~/in/*.txt"},{"name":"py"}],"connect":["red"]},
 {"name":"red","exec":{"path":"file://py:python","args":"r.py"},"count":2,
  "devices":[{"name":"py"},{"name":"stdout","path":"swift://~/out/part.*"}]}]`);
    const listings = new FakeListings({ "t/in": ["a.txt", "b.txt", "c.csv"] });
    const { plan, findings } = await planJob(job ?? { groups: [] }, listings, SETTINGS);
    expect(findings).toEqual([]);
    const seen = plan?.nodes.map(({ id, name, attachment, channels, pool }) => [
      id,
      name,
      attachment && `${attachment.access} ${pathOfItem(attachment.item)}`,
      channels.map(({ device }) => device).join(),
      pool,
    ]);
    expect(seen).toEqual([
      [1, "map-1", "read /t/in/a.txt", "input,py", "cluster"],
      [2, "map-2", "read /t/in/b.txt", "input,py", "cluster"],
      [3, "red-1", "write /t/out/part.red-1", "stdout,py", "cluster"],
      [4, "red-2", "write /t/out/part.red-2", "stdout,py", "cluster"],
    ]);
    expect(
      plan?.connections.map(({ from, to, output, input }) => [from, to, output, input]),
    ).toEqual([
      [1, 3, "out/red-1", "in/map-1"],
      [1, 4, "out/red-2", "in/map-1"],
      [2, 3, "out/red-1", "in/map-2"],
      [2, 4, "out/red-2", "in/map-2"],
    ]);
  });
});
