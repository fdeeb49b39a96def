import { closeSync, readSync, writeSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { groupOf, judgeText } from "../../../test/support/judge-job.ts";
import { openDescriptors, openedSince } from "../../../test/support/sessions.ts";
import { streamPair } from "../../zerovm/libc/index.ts";
import type { WireEnd } from "../../zerovm/session/index.ts";
import { type Instance, instancesOf, PlanEnds } from "../plan/index.ts";
import { judgeDescriptors } from "./judge-descriptors.ts";
import { descriptorsOf, LocalWires, STARTING_MAX } from "./local-wires.ts";

const taken: number[] = [];

afterEach(() => {
  for (const fd of taken.splice(0)) closeSync(fd);
});

async function planned(...groups: unknown[]) {
  const { plan } = await judgeText(groups);
  if (plan === undefined) throw new Error("The test's job has errors");
  const instances = instancesOf(plan);
  const ends = new PlanEnds(plan);
  return { instances, ends, wires: new LocalWires(instances, ends) };
}

function take(wires: LocalWires, instance: Instance | undefined): Map<string, readonly WireEnd[]> {
  if (instance === undefined) throw new Error("There is no such instance");
  const found = new Map(wires.take(instance));
  for (const ends of found.values()) taken.push(...ends.map(({ fd }) => fd));
  return found;
}

function passes(from: WireEnd | undefined, to: WireEnd | undefined, text: string): string {
  if (from === undefined || to === undefined) throw new Error("There is no such end");
  writeSync(from.fd, text);
  const bytes = Buffer.alloc(100);
  return bytes.subarray(0, readSync(to.fd, bytes)).toString();
}

/** What a read of an end gives: nothing where its other end is closed. */
function readEnd(end: WireEnd | undefined): number | string {
  try {
    return readSync(end?.fd ?? -1, Buffer.alloc(1));
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const ALL_TO_ALL = (count: number) => groupOf({ name: "n", count, connect: ["n"] });

describe("the wires of a job", () => {
  test("lead from every instance of a node to every one of another, named and in order", async () => {
    const { instances, wires } = await planned(
      groupOf({ name: "w", replicate: 2, connect: ["r"] }),
      groupOf({ name: "r", replicate: 2 }),
    );
    const [w, w1, r, r1] = instances.map((instance) => take(wires, instance));
    const outs = [w, w1].map((ends) => ends?.get("out/r"));
    const ins = [r, r1].map((ends) => ends?.get("in/w"));
    expect(outs[0]?.map(({ name }) => name)).toEqual(["node r", "node r, copy 1"]);
    expect(ins[0]?.map(({ name }) => name)).toEqual(["node w", "node w, copy 1"]);
    for (const writer of [0, 1]) {
      for (const reader of [0, 1]) {
        const text = `${writer}>${reader}`;
        expect(passes(outs[writer]?.[reader], ins[reader]?.[writer], text)).toBe(text);
      }
    }
    expect(readEnd(ins[0]?.[0])).toBe("EAGAIN");
  });

  test("of one who left without them are at their end for whoever has them, or takes them later", async () => {
    const { instances, wires } = await planned(ALL_TO_ALL(3));
    const [first, second, third] = instances;
    const before = take(wires, first);
    if (second !== undefined) wires.leave(second);
    const after = take(wires, third);
    expect([before, after].map((ends) => readEnd(ends.get("in/n-2")?.[0]))).toEqual([0, 0]);
    const [out, back] = [before.get("out/n-3")?.[0], after.get("in/n-1")?.[0]];
    expect(passes(out, back, "hi")).toBe("hi");
  });

  test("are closed where nobody took them", async () => {
    const before = openDescriptors();
    const { instances, wires } = await planned(ALL_TO_ALL(4));
    take(wires, instances[0]);
    wires.close();
    for (const fd of taken.splice(0)) closeSync(fd);
    expect(openedSince(before)).toEqual([]);
  });

  test("are made as they are taken, and need no more descriptors than was said", async () => {
    const { instances, ends, wires } = await planned(ALL_TO_ALL(40));
    const before = openDescriptors();
    let most = 0;
    for (const instance of instances) {
      take(wires, instance);
      most = Math.max(most, openedSince(before).length);
      // The next one begins when the cell of the first has its own.
      const over = taken.length - (STARTING_MAX - 1) * 78;
      if (over > 0) for (const fd of taken.splice(0, over)) closeSync(fd);
    }
    expect(most).toBe(descriptorsOf(instances, ends));
    expect(most).toBeLessThan((40 * 39 * 2 * 3) / 4);
  });

  test("that the host has no descriptors for are refused with their number", async () => {
    const { instances, ends } = await planned(ALL_TO_ALL(10));
    expect(() => judgeDescriptors(instances, ends, 299)).toThrow(
      "The job needs 300 descriptors to connect 10 sessions, and the host has 299 left (ulimit -n)",
    );
    expect(() => judgeDescriptors(instances, ends, 300)).not.toThrow();
    expect(() => judgeDescriptors(instances, ends)).not.toThrow();
  });
});

test("a pair of streams keeps nobody waiting", () => {
  const [near, far] = streamPair();
  taken.push(near, far);
  expect(readEnd({ fd: near, name: "" })).toBe("EAGAIN");
  expect(passes({ fd: far, name: "" }, { fd: near, name: "" }, "x")).toBe("x");
});
