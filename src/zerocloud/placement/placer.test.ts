import { describe, expect, it } from "vitest";
import { clusterOf, hostNumber, type StoredForTest } from "../../../test/support/cluster-view.ts";
import { groupOf, judgeText } from "../../../test/support/judge-job.ts";
import type { Plan } from "../plan/index.ts";
import { HostBook, hostKey, itemsToKnow, itemsToLocate, Placer, placementReport } from "./index.ts";

const OBJECTS: Readonly<Record<string, readonly string[]>> = { "t/c": ["a", "b", "c"] };

async function planOf(...groups: Readonly<Record<string, unknown>>[]): Promise<Plan> {
  const { plan, findings } = await judgeText(groups.map(groupOf), { objects: OBJECTS });
  if (plan === undefined) throw new Error(JSON.stringify(findings));
  return plan;
}

function input(path: string, name = "stdin"): Record<string, string> {
  return { name, path: `swift://~/c/${path}` };
}

const MB = 1_000_000;
const STORED: Readonly<Record<string, StoredForTest>> = {
  "/t/c/a": { on: [1, 2, 3], handoffs: [4, 5], sizeBytes: 12 * MB },
  "/t/c/b": { on: [3, 4, 5], handoffs: [6, 7], sizeBytes: 40 * MB },
  "/t/c/c": { on: [5, 6, 7], handoffs: [8, 9], sizeBytes: 1000 },
};

function placed(plan: Plan, stored = STORED, book = new HostBook(() => 0), job = "job") {
  return placementReport(new Placer(plan, clusterOf(stored), book, job).placeAll());
}

describe("Placer", () => {
  it("runs a node beside its largest input, on its least busy replica, and says why", async () => {
    const plan = await planOf({ devices: [input("a"), input("b", "input")] });
    const book = new HostBook(() => 0);
    for (let at = 0; at < 4; at += 1) book.enter(hostNumber(3), 0);
    book.enter(hostNumber(4), 0);
    const [row] = placed(plan, STORED, book);
    expect(row).toMatchObject({
      host: "10.0.0.5:6200/d1",
      why: "beside its largest input /t/c/b (40 MB), replica 3 of 3: the first has 4 sessions",
    });
    const [next, last, ...handoffs] = row?.further ?? [];
    expect([next, last]).toEqual(["10.0.0.4:6200/d1", "10.0.0.3:6200/d1"]);
    expect(handoffs.slice(0, 2)).toEqual(["10.0.0.6:6200/d1", "10.0.0.7:6200/d1"]);
  });

  it("runs a node beside the input that attach names", async () => {
    const plan = await planOf({ devices: [input("a"), input("b", "input")], attach: "stdin" });
    expect(placed(plan)[0]?.why).toMatch(
      /^beside the input of attach \/t\/c\/a \(12 MB\), replica/,
    );
  });

  it.each(["large object", "symlink", "encrypted", "erasure coded"] as const)(
    "does not count an input that cannot be read in place: %s",
    async (notInPlace) => {
      const plan = await planOf({ devices: [input("a"), input("b", "input")], attach: "input" });
      const [a, b] = [STORED["/t/c/a"], STORED["/t/c/b"]];
      if (a === undefined || b === undefined) throw new Error("a test lacks its objects");
      const one = { "/t/c/a": a, "/t/c/b": { ...b, notInPlace } };
      expect(placed(plan, one)[0]?.why).toMatch(
        /^beside its largest input that can be read in place \/t\/c\/a \(12 MB\), replica/,
      );
      const none = { "/t/c/a": { ...a, notInPlace }, "/t/c/b": { ...b, notInPlace } };
      expect(placed(plan, none)[0]?.why).toContain(`cannot be read in place (${notInPlace})`);
    },
  );

  it("runs what reads nothing stored on the least busy of some hosts", async () => {
    const plan = await planOf({ devices: [{ name: "stdout" }], count: 36 });
    const rows = placed(plan);
    expect(rows[0]?.why).toBe("anywhere: it reads nothing stored");
    const counts = countsOf(rows);
    expect(counts.size).toBe(9);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(5);
  });

  it("says where attach leads nowhere, and what nobody knows", async () => {
    const devices = [input("a"), { name: "stdout" }];
    const [named] = placed(await planOf({ devices, attach: "stdout" }));
    expect(named?.why).toBe("anywhere: stdout, which attach names, reads no object");
    const [unknown] = placed(await planOf({ devices }), {});
    expect(unknown?.why).toBe("anywhere: nothing is known of /t/c/a");
  });

  it("runs a replicated node without inputs beside its output, each copy elsewhere", async () => {
    const devices = [{ name: "stdout", path: "swift://~/c/out" }];
    const stored = { "/t/c/out": { on: [1, 2, 3] } };
    const rows = placed(await planOf({ devices, replicate: 3 }), stored);
    expect(new Set(rows.map(({ host }) => host)).size).toBe(3);
    expect(rows[0]?.why).toMatch(/^beside its output \/t\/c\/out, replica \d of 3/);
  });

  it("takes handoffs and others for copies when there are more than replicas", async () => {
    const rows = placed(await planOf({ devices: [input("a")], replicate: 5 }));
    expect(new Set(rows.map(({ host }) => host)).size).toBe(5);
    expect(rows.slice(3).map(({ host, why }) => [host, why])).toEqual([
      [
        "10.0.0.4:6200/d1",
        "on a handoff of its input /t/c/a (12 MB): its replicas are out or have another copy",
      ],
      [
        "10.0.0.5:6200/d1",
        "on a handoff of its input /t/c/a (12 MB): its replicas are out or have another copy",
      ],
    ]);
  });

  it("passes by a host that is out until its time is over", async () => {
    let nowMs = 0;
    const book = new HostBook(() => nowMs);
    for (const number of [1, 2]) book.failed(hostNumber(number));
    const plan = await planOf({ devices: [input("a")] });
    const [row] = placed(plan, STORED, book);
    expect(row?.host).toBe("10.0.0.3:6200/d1");
    expect(row?.why).toBe(
      "beside its input /t/c/a (12 MB), replica 3 of 3: the first is out for 1 s",
    );
    book.failed(hostNumber(3));
    expect(placed(plan, STORED, book)[0]?.why).toBe(
      "on a handoff of its input /t/c/a (12 MB): its replicas are out",
    );
    nowMs = 1000;
    expect(placed(plan, STORED, book)[0]?.why).toMatch(/^beside its input/);
  });

  it("says so where every host is out", async () => {
    const book = new HostBook(() => 0);
    for (let number = 1; number < 10; number += 1) book.failed(hostNumber(number));
    const [row] = placed(await planOf({ devices: [input("a")] }), STORED, book);
    expect(row?.why).toContain("all hosts are out, this one is back first");
  });
});

describe("Placer and connected nodes", () => {
  const pair = (count: number) => [
    { name: "red", devices: [{ name: "stdout" }], count },
    { name: "map", devices: [input("a")], connect: ["red"] },
  ];

  it("runs what reads nothing near those that read, and spreads it when there are two", async () => {
    const rows = placed(await planOf(...pair(4)));
    const beside = rows.find(({ why }) => why.startsWith("beside"))?.host;
    const others = rows.filter(({ why }) => !why.startsWith("beside"));
    expect(others[0]).toMatchObject({
      host: beside,
      why: "near what it is connected with: it reads nothing stored",
    });
    const counts = countsOf(rows);
    expect([counts.size, Math.max(...counts.values())]).toEqual([3, 2]);
  });

  it("does not go to a host that is busy already", async () => {
    const book = new HostBook(() => 0);
    for (let number = 1; number <= 3; number += 1) {
      for (let at = 0; at < 2; at += 1) book.enter(hostNumber(number), 0);
    }
    const rows = placed(await planOf(...pair(1)), STORED, book);
    expect(rows.map(({ why }) => why.split(":")[0])).toEqual([
      "anywhere",
      expect.stringMatching(/^beside/),
    ]);
  });

  it("forgets where they were when all are placed anew", async () => {
    const plan = await planOf(...pair(2));
    const placer = new Placer(plan, clusterOf(STORED), new HostBook(() => 0), "job");
    const hosts = () => placer.placeSet(placer.instances).map(({ spots }) => spots[0]?.host.ip);
    expect(hosts()).toEqual(hosts());
  });
});

describe("Placer and locations", () => {
  it("keeps a group together where most of its inputs lies", async () => {
    const plan = await planOf(
      { name: "n", devices: [input("c")], location: "X" },
      { name: "m", devices: [input("b")], location: "X" },
      { name: "o", devices: [input("a")], location: "X" },
    );
    const rows = placed(plan);
    expect(rows.map(({ host }) => host)).toEqual(Array(3).fill("10.0.0.3:6200/d1"));
    expect(rows[0]?.why).toBe(
      "with the group of location X on 10.0.0.3:6200, where 52 MB of what it reads lie",
    );
  });

  it("takes one alone as if it had none", async () => {
    const devices = [input("a")];
    const [alone] = placed(await planOf({ devices, location: "X" }));
    expect(alone).toEqual(placed(await planOf({ devices }))[0]);
  });

  it("keeps copies with the same number together, and apart from the others", async () => {
    const rows = placed(
      await planOf(
        { name: "n", devices: [input("a")], location: "X", replicate: 2 },
        { name: "m", devices: [{ name: "stdout" }], location: "X", replicate: 2 },
      ),
    );
    const hosts = [0, 1].map((copy) => {
      return new Set(rows.filter((row) => row.copy === copy).map(({ host }) => host));
    });
    expect(hosts.map(({ size }) => size)).toEqual([1, 1]);
    expect(hosts[0]).not.toEqual(hosts[1]);
  });

  it("takes a host with another copy before one that is out", async () => {
    const plan = await planOf({ devices: [input("a")], location: "X", count: 2, replicate: 3 });
    const book = new HostBook(() => 0);
    book.failed(hostNumber(1));
    const cluster = clusterOf({ "/t/c/a": { on: [1], sizeBytes: 1 } }, [2, 3]);
    const rows = placementReport(new Placer(plan, cluster, book, "job").placeAll());
    const hosts = [0, 1, 2].map((copy) => {
      return [...new Set(rows.filter((row) => row.copy === copy).map(({ host }) => host))];
    });
    expect(hosts.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(hosts.flat()).not.toContain("10.0.0.1:6200/d1");
    expect(rows.every(({ why }) => why.startsWith("with the group of location X"))).toBe(true);
  });

  it("follows the first that started, and a host that is not out", async () => {
    const devices = [{ name: "stdin" }, { name: "stdout" }];
    const plan = await planOf({ devices, location: "X", count: 4 });
    const book = new HostBook(() => 0);
    const placer = new Placer(plan, clusterOf(STORED), book, "job");
    const [first, second, third] = placer.instances;
    if (first === undefined || second === undefined || third === undefined) throw new Error("few");
    placer.place(first);
    placer.started(first, hostNumber(8));
    const [spot] = placer.place(second).spots;
    expect(spot?.host.ip).toBe("10.0.0.8");
    placer.started(second, hostNumber(2));
    expect(placer.place(third).spots[0]?.host.ip).toBe("10.0.0.8");
    book.failed(hostNumber(8));
    expect(placer.place(third).spots[0]?.host.ip).not.toBe("10.0.0.8");
  });
});

describe("Placer and load", () => {
  it("counts what it placed until that has started, then what the book counts", async () => {
    const plan = await planOf({ devices: [input("a")], count: 3 });
    const book = new HostBook(() => 0);
    const placer = new Placer(plan, clusterOf(STORED), book, "job");
    const hosts = placer.instances.map((instance) => {
      const [spot] = placer.place(instance).spots;
      if (spot === undefined) throw new Error("no host");
      book.enter(spot.host, 0);
      placer.started(instance, spot.host);
      return hostKey(spot.host);
    });
    expect(new Set(hosts).size).toBe(3);
    for (const number of [1, 2, 3]) expect(book.loadOf(hostNumber(number)).sessions).toBe(1);
  });

  it("draws between equals by job and instance: the same each time", async () => {
    const plan = await planOf({ devices: [input("a")] });
    const first = Array.from({ length: 30 }, (_, at) => {
      return placed(plan, STORED, new HostBook(() => 0), `job ${at}`)[0]?.host;
    });
    const again = Array.from({ length: 30 }, (_, at) => {
      return placed(plan, STORED, new HostBook(() => 0), `job ${at}`)[0]?.host;
    });
    expect(again).toEqual(first);
    expect(new Set(first).size).toBe(3);
  });
});

it("says which objects have to be known, and which located", async () => {
  const plan = await planOf(
    { name: "n", devices: [input("a"), input("b", "input")] },
    { name: "m", devices: [input("a"), { name: "stdout" }] },
  );
  const nameOf = ({ object }: { object?: string }) => object;
  expect(itemsToKnow(plan).map(nameOf).sort()).toEqual(["a", "b"]);
  expect(itemsToLocate(plan, clusterOf(STORED)).map(nameOf)).toEqual(["b", "a"]);
});

function countsOf(rows: readonly { readonly host?: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { host = "" } of rows) counts.set(host, (counts.get(host) ?? 0) + 1);
  return counts;
}
