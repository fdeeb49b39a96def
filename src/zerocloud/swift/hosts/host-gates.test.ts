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

async function enter(
  gates: HostGates,
  places: readonly (typeof one)[],
  signal: AbortSignal = NEVER,
  account = "a",
) {
  return await gates.enter({ places: () => places, account, signal });
}

/** A place, if there is one without waiting. */
async function tryNow(gates: HostGates, ...spots: (typeof one)[]) {
  const stop = new AbortController();
  const entering = enter(gates, spots, stop.signal).catch(() => undefined);
  await new Promise(setImmediate);
  stop.abort();
  return await entering;
}

async function isFree(gates: HostGates, ...spots: (typeof one)[]): Promise<boolean> {
  return (await tryNow(gates, ...spots)) !== undefined;
}

describe("HostGates", () => {
  it("sends as many as a host takes, and no more once it has said so", async () => {
    let nowMs = 0;
    const gates = new HostGates(() => nowMs);
    const [first, , third] = await Promise.all([1, 2, 3].map(() => enter(gates, [one])));
    third?.leave(true);
    nowMs += 1000;
    expect(await isFree(gates, one)).toBe(false);
    first?.leave(false);
    expect(await isFree(gates, one)).toBe(true);
  });

  it("leaves a host alone that turned one away, longer each time, and takes another", async () => {
    let nowMs = 0;
    const gates = new HostGates(() => nowMs);
    const rests: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      (await tryNow(gates, one))?.leave(true);
      const other = await tryNow(gates, one, two);
      expect(other?.spot).toBe(two);
      other?.leave(false);
      const startMs = nowMs;
      let again = await tryNow(gates, one);
      for (; again === undefined; again = await tryNow(gates, one)) nowMs += 50;
      rests.push(nowMs - startMs);
      nowMs += 50_000;
      again.leave(true);
      nowMs += 50_000;
    }
    expect(rests.slice(0, 4)).toEqual([50, 200, 800, 1000]);
  });

  it("begins with few, and sends twice as many with each round that goes well", async () => {
    const gates = new HostGates();
    const round = await Promise.all([1, 2, 3, 4].map(() => enter(gates, [one])));
    expect(await isFree(gates, one)).toBe(false);
    for (const { leave } of round) leave(false);
    for (let at = 0; at < 8; at += 1) expect(await isFree(gates, one)).toBe(true);
    expect(await isFree(gates, one)).toBe(false);
  });

  it("takes another place where the better one has no room", async () => {
    const gates = new HostGates();
    for (let at = 0; at < 4; at += 1) await enter(gates, [one]);
    expect((await enter(gates, [one, two])).spot).toBe(two);
  });

  it("lets those in first whose account has the least, then who came first", async () => {
    const gates = new HostGates();
    const inside = await Promise.all([1, 2, 3, 4].map(() => enter(gates, [one], NEVER, "much")));
    const order: string[] = [];
    const waiting = ["much 1", "much 2", "little 1", "little 2"].map(async (name) => {
      const [account = ""] = name.split(" ");
      await enter(gates, [one], NEVER, account);
      order.push(name);
    });
    await new Promise(setImmediate);
    for (const { leave } of inside) leave(false);
    await Promise.all(waiting);
    expect(order).toEqual(["little 1", "little 2", "much 1", "much 2"]);
  });

  it("tries one more when a round went well", async () => {
    let nowMs = 0;
    const gates = new HostGates(() => nowMs);
    (await enter(gates, [one])).leave(true);
    nowMs += 1000;
    (await enter(gates, [one])).leave(false);
    expect(await isFree(gates, one)).toBe(true);
    expect(await isFree(gates, one)).toBe(true);
    expect(await isFree(gates, one)).toBe(false);
  });

  it("forgets who gave up", async () => {
    const gates = new HostGates();
    const inside = await Promise.all([1, 2, 3, 4].map(() => enter(gates, [one])));
    const stop = new AbortController();
    const gone = enter(gates, [one], stop.signal);
    stop.abort(new Error("enough"));
    await expect(gone).rejects.toThrow("enough");
    inside[0]?.leave(false);
    expect(await isFree(gates, one)).toBe(true);
    expect(await isFree(gates, one)).toBe(false);
  });
});
