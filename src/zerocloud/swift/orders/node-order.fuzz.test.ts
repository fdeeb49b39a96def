import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupOf, judgeText } from "../../../../test/support/judge-job.ts";
import { ZvmError } from "../../../base/index.ts";
import { type NodeOrder, packOrder, unpackOrder } from "./node-order.ts";
import type { OrderedWire } from "./node-wires.ts";

const DEVICES = [
  { name: "stdin", path: "swift://~/c/o" },
  { name: "stdout", path: "swift://~/c/out" },
  { name: "stderr" },
];

async function someOrder(): Promise<NodeOrder> {
  const { plan } = await judgeText([groupOf({ devices: DEVICES })], { objects: { "t/c": ["o"] } });
  const [node] = plan?.nodes ?? [];
  if (node === undefined) throw new Error("no node");
  const stat = { account: "t", container: "c", object: "o", sizeBytes: 3, etag: "e" };
  const more = { contentType: "text/plain", timestamp: "1.0", meta: { a: "b" } };
  return {
    version: 1,
    job: "j",
    account: "t",
    node: { ...node, instances: [] },
    limits: {
      timeoutSeconds: 10,
      memoryBytes: 2 ** 20,
      limits: { calls: 10, inputBytes: 10, outputBytes: 10 },
    },
    variables: [["NAME", "value"]],
    items: [{ stat: { ...stat, ...more }, from: "here" }],
    brought: ["body"],
    seat: {
      ticket: "0".repeat(32),
      wires: [
        wireOf({ name: "s/1>2", way: "out", at: { host: "10.0.0.5", port: 6300 } }),
        wireOf({ name: "s/2>1", way: "in", at: "door" }),
      ],
    },
  };
}

function wireOf(wire: Pick<OrderedWire, "name" | "way" | "at">): OrderedWire {
  return { ...wire, device: `${wire.way}/m`, peer: 2, peerName: "node m" };
}

/** Paths of all values in a value. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, one]) => pathsIn(one, [...path, key]))];
}

function changed(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as never;
  const inside = (value as Record<string, unknown>)[key];
  Object.assign(copy, { [key]: changed(inside, rest, by) });
  return copy;
}

function verdictOn(text: string): string {
  try {
    unpackOrder(text);
    return "an order";
  } catch (error) {
    return error instanceof ZvmError ? error.code : String(error);
  }
}

describe("orders", () => {
  it("come to a worker as the coordinator made them", async () => {
    const order = await someOrder();
    expect(unpackOrder(packOrder(order))).toEqual(JSON.parse(JSON.stringify(order)));
  });

  it("of any JSON are refused in words", async () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(verdictOn(JSON.stringify(value))).toBe("ZVM_SWIFT_WIRE");
      }),
    );
    expect(verdictOn("no JSON")).toBe("ZVM_SWIFT_WIRE");
  });

  it("with a part that is another are taken or refused, and nothing else", async () => {
    const order = JSON.parse(packOrder(await someOrder())) as unknown;
    const paths = fc.constantFrom(...pathsIn(order));
    fc.assert(
      fc.property(paths, fc.jsonValue(), (path, by) => {
        const verdict = verdictOn(JSON.stringify(changed(order, path, by)));
        expect(["an order", "ZVM_SWIFT_WIRE"]).toContain(verdict);
      }),
      { numRuns: 1000 },
    );
  });

  it("that a worker could not follow are refused", async () => {
    const order = await someOrder();
    const faults: readonly (readonly [string, unknown])[] = [
      ["version", 2],
      ["job", 7],
      ["limits.timeoutSeconds", 0],
      ["limits.memoryBytes", -1],
      ["limits.limits.inputBytes", 1.5],
      ["items.0.from", "elsewhere"],
      ["items.0.stat.sizeBytes", -1],
      ["items.0.stat.object", 7],
      ["brought.0", "everything"],
      ["node.channels.0.kind", "host-file"],
      ["node.channels.0.type", 9],
      ["node.program.kind", "host-file"],
      ["node.id", 0],
      ["variables.0", "NAME=value"],
      ["seat.ticket", "mine"],
      ["seat.wires", {}],
      ["seat.wires.0.way", "both"],
      ["seat.wires.0.at", "anywhere"],
      ["seat.wires.0.at.port", 0],
      ["seat.wires.1.peer", 0],
    ];
    for (const [path, by] of faults) {
      const text = JSON.stringify(changed(order, path.split("."), by));
      expect({ path, verdict: verdictOn(text) }).toEqual({ path, verdict: "ZVM_SWIFT_WIRE" });
    }
  });
});
