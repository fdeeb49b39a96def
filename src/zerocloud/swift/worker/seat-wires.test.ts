import { closeSync, readSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { streamPair } from "../../../zerovm/libc/index.ts";
import { reachWire, WireDoor } from "../../../zerovm/network/index.ts";
import type { WireEnd } from "../../../zerovm/session/index.ts";
import type { OrderedWire } from "../orders/node-wires.ts";
import { SeatWires } from "./seat-wires.ts";
import { Seats, type TakenSeat } from "./seats.ts";

const SET = "0".repeat(32);
const KEY = "ab".repeat(32);
const never = new AbortController().signal;

let doors: WireDoor[];
let seats: Seats[];

beforeEach(async () => {
  doors = [await WireDoor.open({ host: "127.0.0.1", port: 0 })];
  doors.push(await WireDoor.open({ host: "127.0.0.1", port: 0 }));
  seats = doors.map((door) => new Seats({ places: 4, door, makePair: streamPair }));
});
afterEach(() => {
  for (const one of seats) one.close();
  for (const door of doors) door.close();
});

/** The place of an instance at one of the two workers. */
function seatAt(at: number, id: number, reads: readonly string[], key = KEY): TakenSeat {
  const ticket = String(id).padStart(32, "0");
  seats[at]?.hold({ ticket, id, set: SET, since: 1, key, reads });
  const seat = seats[at]?.take(ticket);
  if (seat === undefined) throw new Error("no place");
  return seat;
}

function wire(from: number, to: number, way: "in" | "out", at: OrderedWire["at"]): OrderedWire {
  const peer = way === "in" ? from : to;
  const device = `${way}/${peer}`;
  return { name: `${SET}/${from}>${to}`, way, device, peer, peerName: `node ${peer}`, at };
}

function wiresOf(seat: TakenSeat, wires: readonly OrderedWire[], timeoutMs = 5000): SeatWires {
  return new SeatWires({ seat, wires, reach: reachWire, timeoutMs });
}

function doorOf(at: number) {
  return { host: "127.0.0.1", port: doors[at]?.port ?? 0 };
}

function endOf(taken: ReadonlyMap<string, readonly WireEnd[]>, device: string): WireEnd {
  const [end] = taken.get(device) ?? [];
  if (end === undefined) throw new Error(`no wire for ${device}`);
  return end;
}

function closeAll(...taken: readonly ReadonlyMap<string, readonly WireEnd[]>[]): void {
  for (const one of taken) for (const { fd } of [...one.values()].flat()) closeSync(fd);
}

describe("wires of a node of a connected set", () => {
  it("lead to another worker, sealed, and to a node of the same worker, by a pair", async () => {
    const name = `${SET}/1>2`;
    const reader = seatAt(1, 2, [name]);
    const writer = seatAt(0, 1, []);
    const third = seatAt(0, 3, [`${SET}/1>3`]);
    const [one, other, near] = await Promise.all([
      wiresOf(writer, [wire(1, 2, "out", doorOf(1)), wire(1, 3, "out", "local")]).take(never),
      wiresOf(reader, [wire(1, 2, "in", "door")]).take(never),
      wiresOf(third, [wire(1, 3, "in", "local")]).take(never),
    ]);
    expect(endOf(one, "out/2").keys?.writer).toEqual(endOf(other, "in/1").keys?.writer);
    expect(endOf(one, "out/2").keys?.writer.length).toBe(32);
    expect([endOf(one, "out/3").keys, endOf(near, "in/1").keys]).toEqual([undefined, undefined]);
    expect(endOf(one, "out/2").name).toBe("node 2");
    closeAll(one, other, near);
  });

  it("go by the channels of the node, and those of a channel by its instances", () => {
    const seat = seatAt(0, 1, []);
    const all = [1, 2].map((peer) => ({ ...wire(1, peer, "out", "local"), device: "out/m" }));
    const { ends } = wiresOf(seat, [...all, wire(5, 1, "in", "door")]);
    expect(ends).toEqual([
      { device: "out/m", access: "write", peers: [1, 2] },
      { device: "in/5", access: "read", peers: [5] },
    ]);
  });

  it("do not come from who has another key, and say whom the node lost", async () => {
    const name = `${SET}/1>2`;
    const reader = seatAt(1, 2, [name]);
    const writer = seatAt(0, 1, [], "cd".repeat(32));
    const reading = wiresOf(reader, [wire(1, 2, "in", "door")], 300).take(never);
    const writing = wiresOf(writer, [wire(1, 2, "out", doorOf(1))]).take(never);
    await expect(writing).rejects.toThrow(/^node 2: its wire did not come about$/);
    await expect(reading).rejects.toThrow(/^node 1: it did not come within 0.3 s$/);
  });

  it("that were had are closed where one of them fails", async () => {
    const writer = seatAt(0, 1, []);
    const reader = seatAt(0, 2, []);
    // Nobody listens there any more.
    const gone = doorOf(1);
    doors[1]?.close();
    const wires = [wire(1, 2, "out", "local"), wire(1, 3, "out", gone)];
    await expect(wiresOf(writer, wires, 300).take(never)).rejects.toThrow(/^node 3: it did not/);
    const near = await wiresOf(reader, [wire(1, 2, "in", "local")]).take(never);
    const { fd } = endOf(near, "in/1");
    // The other end is closed: nothing is left to read.
    expect(readSync(fd, Buffer.alloc(1))).toBe(0);
    closeAll(near);
  });

  it("are waited for no longer than the job lasts", async () => {
    const ending = new AbortController();
    const reader = seatAt(1, 2, [`${SET}/1>2`]);
    const reading = wiresOf(reader, [wire(1, 2, "in", "door")]).take(ending.signal);
    ending.abort(new Error("the client went away"));
    await expect(reading).rejects.toThrow("the client went away");
  });
});
