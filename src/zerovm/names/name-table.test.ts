import { describe, expect, test } from "vitest";
import { listOf, NameTable, type Registration, type Sender } from "./name-table.ts";
import { decodeAnswer, encodeRequest, type NameRequest, NOWHERE } from "./packet.ts";

/** Node 1 writes to 2, which writes to 3: the line of the original's netcopy. */
const FIRST: NameRequest = { node: 1, binds: [], connects: [{ peer: 2 }] };
const SECOND: NameRequest = {
  node: 2,
  binds: [{ peer: 1, port: 1001 }],
  connects: [{ peer: 3 }],
};
const THIRD: NameRequest = { node: 3, binds: [{ peer: 2, port: 2002 }], connects: [] };

function report(
  table: NameTable,
  request: NameRequest,
  address = `10.0.0.${request.node}`,
  port = 5000 + request.node,
): Registration {
  return table.register(request, encodeRequest(request), { address, port });
}

/** Who is answered, and what with. */
function answersOf(done: Registration): unknown[] {
  if (done.kind === "refused") return [done.why];
  return done.replies.map(({ to, bytes }) => {
    const answer = decodeAnswer(bytes);
    return [`${to.address}:${to.port}`, typeof answer === "string" ? answer : answer.places];
  });
}

function complete(): NameTable {
  const table = new NameTable(3);
  for (const request of [THIRD, FIRST, SECOND]) report(table, request);
  return table;
}

const AT_SECOND = { address: "10.0.0.2", port: 1001 };
const AT_THIRD = { address: "10.0.0.3", port: 2002 };
const ALL = [
  ["10.0.0.3:5003", []],
  ["10.0.0.1:5001", [AT_SECOND]],
  ["10.0.0.2:5002", [AT_THIRD]],
];

describe("a table of names", () => {
  test("answers nobody before all have reported, then everybody where they asked from", () => {
    const table = new NameTable(3);
    expect(answersOf(report(table, THIRD))).toEqual([]);
    expect(answersOf(report(table, FIRST))).toEqual([]);
    expect([table.isComplete, table.reported, table.awaited]).toEqual([false, [1, 3], [2]]);
    const last = report(table, SECOND);
    expect(last).toMatchObject({ isNew: true, completes: true });
    expect(answersOf(last)).toEqual(ALL);
    expect([table.isComplete, table.reported, table.awaited]).toEqual([true, [1, 2, 3], []]);
  });

  test("counts nodes and not requests", () => {
    const table = new NameTable(2);
    report(table, FIRST);
    expect(report(table, FIRST)).toMatchObject({ isNew: false, completes: false, replies: [] });
    expect(table.isComplete).toBe(false);
  });

  test("takes any numbers for nodes", () => {
    const table = new NameTable(2);
    report(table, { node: 2147483647, binds: [{ peer: 77, port: 9 }], connects: [] }, "192.0.2.7");
    const last = report(table, { node: 77, binds: [], connects: [{ peer: 2147483647 }] });
    expect(answersOf(last)[1]).toEqual(["10.0.0.77:5077", [{ address: "192.0.2.7", port: 9 }]]);
  });

  test("has the ports of a node that was started again", () => {
    const table = new NameTable(3);
    report(table, FIRST);
    report(table, { ...THIRD, binds: [{ peer: 2, port: 1 }] });
    report(table, THIRD);
    expect(answersOf(report(table, SECOND))).toContainEqual(["10.0.0.2:5002", [AT_THIRD]]);
  });

  test("says that a number is claimed from elsewhere, and the later holds", () => {
    const table = new NameTable(3);
    expect(report(table, THIRD)).toMatchObject({ former: undefined });
    expect(report(table, THIRD, "10.0.0.9")).toMatchObject({
      former: { address: "10.0.0.3" },
    });
    report(table, FIRST);
    const place = { ...AT_THIRD, address: "10.0.0.9" };
    expect(answersOf(report(table, SECOND))).toContainEqual(["10.0.0.2:5002", [place]]);
  });

  test("takes two of one host for two where they come from two ports and say two things", () => {
    const table = new NameTable(3);
    const from = { address: "10.0.0.3", port: 5003 };
    const other = { ...THIRD, binds: [{ peer: 2, port: 4999 }] };
    const tell = (request: NameRequest, sender: Sender) =>
      table.register(request, encodeRequest(request), sender);
    tell(THIRD, from);
    // As one that was started again, with ports that it was told.
    expect(tell(THIRD, { ...from, port: 6003 })).toMatchObject({ former: undefined });
    expect(tell(other, { ...from, port: 6003 })).toMatchObject({ former: undefined });
    expect(tell(THIRD, from)).toMatchObject({ former: { ...from, port: 6003 } });
  });

  test("of two ports for one peer the later holds", () => {
    const table = new NameTable(2);
    const binds = [
      { peer: 1, port: 7 },
      { peer: 1, port: 8 },
    ];
    report(table, { node: 2, binds, connects: [] });
    const last = report(table, FIRST);
    expect(answersOf(last)[1]).toEqual(["10.0.0.1:5001", [{ address: "10.0.0.2", port: 8 }]]);
  });
});

describe("after all were answered", () => {
  test("who asks again had lost its answer, and gets it where it asks from now", () => {
    const again = report(complete(), FIRST, "10.0.0.1", 6001);
    expect(again).toMatchObject({ completes: false });
    expect(answersOf(again)).toEqual([["10.0.0.1:6001", [AT_SECOND]]]);
  });

  test("who says something else changes the answers of all", () => {
    const moved = { ...THIRD, binds: [{ peer: 2, port: 2003 }] };
    const there = { ...AT_THIRD, port: 2003 };
    expect(answersOf(report(complete(), moved))).toEqual([
      ...ALL.slice(0, 2),
      ["10.0.0.2:5002", [there]],
    ]);
  });

  test("who comes from another address does too", () => {
    const done = report(complete(), THIRD, "10.0.0.9");
    expect(answersOf(done)).toContainEqual([
      "10.0.0.2:5002",
      [{ ...AT_THIRD, address: "10.0.0.9" }],
    ]);
  });

  test("there is no room for others", () => {
    const table = complete();
    const done = report(table, { ...FIRST, node: 4 });
    expect(done).toEqual({ kind: "refused", why: "all 3 nodes are others: 1, 2, 3" });
    expect(table.reported).toEqual([1, 2, 3]);
  });
});

describe("a node that nobody waits for", () => {
  test("gets no place, and is named", () => {
    const table = new NameTable(2);
    report(table, { ...FIRST, connects: [{ peer: 2 }, { peer: 3 }] });
    const last = report(table, { node: 2, binds: [{ peer: 4, port: 9 }], connects: [] });
    expect(answersOf(last)[0]).toEqual(["10.0.0.1:5001", [NOWHERE, NOWHERE]]);
    expect(table.unmatched).toEqual([
      { node: 1, peer: 2 },
      { node: 1, peer: 3 },
    ]);
    expect(table.awaited).toEqual([3, 4]);
  });

  test("a bound port of zero is none", () => {
    const table = new NameTable(2);
    report(table, { node: 2, binds: [{ peer: 1, port: 0 }], connects: [] });
    report(table, FIRST);
    expect(table.unmatched).toEqual([{ node: 1, peer: 2 }]);
  });
});

test("a table holds so many bytes and no more, however often nodes report", () => {
  const table = new NameTable(100, 60);
  for (let time = 0; time < 10; time += 1) report(table, FIRST);
  report(table, THIRD);
  expect(report(table, SECOND)).toMatchObject({ kind: "registered" });
  expect(report(table, { ...FIRST, node: 4 })).toEqual({
    kind: "refused",
    why: "the requests of all nodes have more than 60 bytes",
  });
  // What it had said is replaced by less, and leaves room.
  report(table, { ...SECOND, connects: [], binds: [] });
  expect(table.reported).toEqual([1, 2, 3]);
});

test("few numbers are all told, of many the first", () => {
  expect(listOf([3, 4])).toBe("3, 4");
  expect(listOf(Array.from({ length: 12 }, (_, index) => index + 1))).toBe(
    "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more",
  );
});
