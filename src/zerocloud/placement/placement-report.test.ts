import { describe, expect, it } from "vitest";
import { clusterOf, hostNumber } from "../../../test/support/cluster-view.ts";
import { groupOf, judgeText } from "../../../test/support/judge-job.ts";
import { sizeText } from "./byte-size.ts";
import {
  type ClusterView,
  HostBook,
  hostKey,
  Placer,
  placementHere,
  placementReport,
} from "./index.ts";

async function placementOn(cluster: ClusterView) {
  const devices = [{ name: "stdin", path: "swift://~/c/o" }];
  const { plan } = await judgeText([groupOf({ devices, replicate: 2 })]);
  if (plan === undefined) throw new Error("no plan");
  return new Placer(plan, cluster, new HostBook(() => 0), "job").placeAll();
}

describe("a placement as it is shown", () => {
  const cluster = clusterOf({ "/t/c/o": { on: [1], sizeBytes: 1500 } }, [1, 2]);

  it("is data for reports, with the hosts that are tried next", async () => {
    const [, copy] = placementReport(await placementOn(cluster));
    expect(copy).toEqual({
      id: 2,
      node: "n",
      copy: 1,
      host: "10.0.0.2:6200/d1",
      why: "anywhere: the hosts of its input /t/c/o (1.5 kB) are out or have another copy",
      further: ["10.0.0.1:6200/d1"],
    });
  });

  it("names hosts as others are to know them", async () => {
    const devices = [{ name: "stdin", path: "swift://~/c/o" }];
    const { plan } = await judgeText([groupOf({ devices, location: "X", count: 2 })]);
    if (plan === undefined) throw new Error("no plan");
    const placement = new Placer(plan, cluster, new HostBook(() => 0), "job").placeAll();
    const rows = placementReport(placement, () => "somewhere");
    expect(rows.map(({ host }) => host)).toEqual(["somewhere", "somewhere"]);
    expect(rows[0]?.why).toMatch(/^with the group of location X on somewhere,/);
  });

  it("says so where there is but one machine", async () => {
    const { plan } = await judgeText([groupOf({ devices: [], replicate: 2 })]);
    if (plan === undefined) throw new Error("no plan");
    const why = "here: there is but one machine";
    expect(placementHere(plan)).toMatchObject([
      { id: 1, copy: 0, why },
      { id: 2, copy: 1, why },
    ]);
  });

  it("says so where a cluster names no host", async () => {
    const [row] = placementReport(await placementOn(clusterOf({}, [])));
    expect(row).not.toHaveProperty("host");
    expect(row).toMatchObject({ why: "nowhere: the cluster names no host", further: [] });
  });
});

it("writes a server of IPv6 as addresses of the web have it", () => {
  expect(hostKey({ ...hostNumber(1), ip: "fd00::1" })).toBe("[fd00::1]:6200");
});

it.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [12_000_000, "12 MB"],
  [1.5e9, "1.5 GB"],
  [5e18, "5000 PB"],
])("writes %d bytes as %s", (bytes, text) => expect(sizeText(bytes)).toBe(text));
