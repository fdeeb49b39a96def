import { describe, expect, it } from "vitest";
import { HostGates } from "./host-gates.ts";

const NEVER = new AbortController().signal;

function spotAt(number: number) {
  const host = {
    ip: "10.0.0.1",
    port: number,
    device: "d",
    region: 1,
    zone: 1,
    isHandoff: false,
  };
  return { host, partition: 1, isLocal: true };
}
const [one, two] = [spotAt(1), spotAt(2)];

/** Whether somebody gets in without waiting. */
async function isFree(gates: HostGates, ...spots: (typeof one)[]): Promise<boolean> {
  const stop = new AbortController();
  const entering = gates.enter(spots, stop.signal).then(
    () => true,
    () => false,
  );
  await new Promise(setImmediate);
  stop.abort();
  return await entering;
}

describe("HostGates", () => {
  it("sends as many as a host takes, and no more once it has said so", async () => {
    const gates = new HostGates();
    const [first, , third] = await Promise.all([1, 2, 3].map(() => gates.enter([one], NEVER)));
    third?.leave(true);
    expect(await isFree(gates, one)).toBe(false);
    first?.leave(false);
    expect(await isFree(gates, one)).toBe(true);
  });

  it("begins with few, and sends twice as many with each round that goes well", async () => {
    const gates = new HostGates();
    const round = await Promise.all([1, 2, 3, 4].map(() => gates.enter([one], NEVER)));
    expect(await isFree(gates, one)).toBe(false);
    for (const { leave } of round) leave(false);
    for (let at = 0; at < 8; at += 1) expect(await isFree(gates, one)).toBe(true);
    expect(await isFree(gates, one)).toBe(false);
  });

  it("takes another place where the better one has no room", async () => {
    const gates = new HostGates();
    (await gates.enter([one], NEVER)).leave(true);
    const [here, there] = [
      await gates.enter([one, two], NEVER),
      await gates.enter([one, two], NEVER),
    ];
    expect([here.spot, there.spot]).toEqual([one, two]);
  });

  it("lets those in who wait, in the order in which they came", async () => {
    const gates = new HostGates();
    (await gates.enter([one], NEVER)).leave(true);
    const inside = await gates.enter([one], NEVER);
    const order: string[] = [];
    const waiting = ["a", "b"].map(async (name) => {
      const entered = await gates.enter([one], NEVER);
      order.push(name);
      entered.leave(true);
    });
    inside.leave(true);
    await Promise.all(waiting);
    expect(order).toEqual(["a", "b"]);
  });

  it("tries one more when a round went well", async () => {
    const gates = new HostGates();
    (await gates.enter([one], NEVER)).leave(true);
    (await gates.enter([one], NEVER)).leave(false);
    await gates.enter([one], NEVER);
    expect(await isFree(gates, one)).toBe(true);
    expect(await isFree(gates, one)).toBe(false);
  });

  it("forgets who gave up", async () => {
    const gates = new HostGates();
    (await gates.enter([one], NEVER)).leave(true);
    const inside = await gates.enter([one], NEVER);
    const stop = new AbortController();
    const gone = gates.enter([one], stop.signal);
    stop.abort(new Error("enough"));
    await expect(gone).rejects.toThrow("enough");
    inside.leave(true);
    expect(await isFree(gates, one)).toBe(true);
  });
});
