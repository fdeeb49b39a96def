import { closeSync, readSync, writeSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makePipe, socketPair } from "../../../zerovm/libc/index.ts";
import type { SetDoor, SetWire } from "./incoming.ts";
import { Seats } from "./seats.ts";

const KEY = "ab".repeat(32);
const SET = "0".repeat(32);

let waited: Map<string, (wire: SetWire) => void>;
let ended: string[];

const door: SetDoor = {
  port: 1,
  expect: async (name, { signal }) => {
    return await new Promise((resolve, reject) => {
      waited.set(name, resolve);
      signal.addEventListener("abort", () => {
        ended.push(name);
        reject(signal.reason);
      });
    });
  },
};

beforeEach(() => {
  vi.useFakeTimers();
  waited = new Map();
  ended = [];
});
afterEach(() => void vi.useRealTimers());

function seatsOf(places: number): Seats {
  return new Seats({ places, door, makePair: socketPair });
}

function ticketOf(number: number): string {
  return String(number).padStart(32, "0");
}

function hold(number: number, ...reads: string[]) {
  return { ticket: ticketOf(number), id: number, set: SET, since: 1, key: KEY, reads };
}

/** Whether the other end of something is closed. */
function isAtEnd(fd: number): boolean {
  return readSync(fd, Buffer.alloc(1)) === 0;
}

describe("places of a worker", () => {
  it("are taken by sessions and by what is held, and never more than there are", () => {
    const seats = seatsOf(3);
    const leave = seats.enter();
    expect([seats.hold(hold(1)), seats.hold(hold(2)), seats.hold(hold(3))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(seats.enter()).toBeUndefined();
    leave?.();
    leave?.();
    expect(seats.hold(hold(3))).toBe(true);
    expect([seats.held, seats.enter()]).toEqual([3, undefined]);
  });

  it("are held for a minute, and a minute more each time that somebody asks again", () => {
    const seats = seatsOf(1);
    seats.hold(hold(1, "w"));
    vi.advanceTimersByTime(59_000);
    expect(seats.hold(hold(1, "w"))).toBe(true);
    vi.advanceTimersByTime(59_000);
    expect([seats.held, ended]).toEqual([1, []]);
    vi.advanceTimersByTime(1000);
    expect([seats.held, ended, seats.take(ticketOf(1))]).toEqual([0, ["w"], undefined]);
    expect(seats.enter()).toBeDefined();
  });

  it("are free as soon as they are released", () => {
    const seats = seatsOf(2);
    seats.hold(hold(1, "w"));
    seats.hold(hold(2));
    seats.release([ticketOf(1), ticketOf(7)]);
    expect([seats.held, ended]).toEqual([1, ["w"]]);
    expect(seats.enter()).toBeDefined();
  });

  it("belong to the order that has the ticket, once, and to nobody after it", () => {
    const seats = seatsOf(1);
    seats.hold(hold(1));
    expect(seats.take(ticketOf(2))).toBeUndefined();
    const taken = seats.take(ticketOf(1));
    expect([taken?.hold.ticket, seats.take(ticketOf(1))]).toEqual([ticketOf(1), undefined]);
    seats.release([ticketOf(1)]);
    // Who renews it may not know yet that its order is there.
    expect([seats.hold(hold(1)), seats.held]).toEqual([true, 0]);
    vi.advanceTimersByTime(120_000);
    expect([seats.held, seats.enter()]).toEqual([0, undefined]);
    taken?.leave();
    taken?.leave();
    expect([seats.enter() !== undefined, seats.enter()]).toEqual([true, undefined]);
  });

  it("are one for each instance, also where its next ticket comes too early", () => {
    const seats = seatsOf(2);
    const next = { ...hold(1, "w"), ticket: ticketOf(9) };
    seats.hold(hold(1, "w"));
    expect([seats.hold(next), seats.isBehind(next)]).toEqual([false, false]);
    seats.release([ticketOf(1)]);
    expect([seats.hold(next), seats.held, ended]).toEqual([true, 1, ["w"]]);
  });

  it("are wanted by others too: who came later is told to let go of what it has", () => {
    const seats = seatsOf(1);
    const of = (set: string, since: number) => ({ ...hold(2), set: set.repeat(32), since });
    seats.hold({ ...hold(1), since: 5 });
    const asked = [of("a", 4), of("a", 5), of("a", 6), { ...hold(2), since: 6 }];
    expect(asked.map((one) => [seats.hold(one), seats.isBehind(one)])).toEqual([
      [false, false],
      [false, true],
      [false, true],
      [false, false],
    ]);
    // A session that runs is in nobody's way: it ends by itself.
    seats.take(ticketOf(1));
    expect(seats.isBehind(of("a", 6))).toBe(false);
  });

  it("are held again for an order that is to come once more", () => {
    const seats = seatsOf(1);
    seats.hold(hold(1, "w"));
    seats.take(ticketOf(1))?.putBack();
    expect([seats.held, ended, seats.enter()]).toEqual([1, [], undefined]);
    vi.advanceTimersByTime(60_000);
    expect([seats.held, ended]).toEqual([0, ["w"]]);
  });

  it("are not held where no wire could come", () => {
    const seats = new Seats({ places: 1 });
    expect(seats.hold(hold(1))).toBe(false);
    expect(seats.enter()).toBeDefined();
  });
});

describe("wires of a place", () => {
  it("come before the order does", async () => {
    const seats = seatsOf(1);
    seats.hold(hold(1, "w"));
    waited.get("w")?.({ fd: 77 });
    const seat = seats.take(ticketOf(1));
    expect(await seat?.incoming.take("w")).toEqual({ fd: 77 });
    expect(await seat?.incoming.take("other")).toBeUndefined();
    seat?.leave();
    expect(ended).toEqual([]);
  });

  it("are closed where nobody comes for them", async () => {
    const seats = seatsOf(1);
    const [reader, writer] = makePipe();
    seats.hold(hold(1, "w"));
    waited.get("w")?.({ fd: writer });
    seats.release([ticketOf(1)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(isAtEnd(reader)).toBe(true);
    closeSync(reader);
  });

  it("are pairs of sockets between nodes of one worker", () => {
    const seats = seatsOf(2);
    const { one, other } = bothOf(seats);
    const writer = one?.pairs.take(writerOf("w", 2)) ?? -1;
    expect(one?.pairs.take(writerOf("w", 2))).toBeUndefined();
    const reader = other?.pairs.take(readerOf("w", 1)) ?? -1;
    expect(other?.pairs.take(readerOf("w", 1))).toBeUndefined();
    closeSync(writer);
    expect(isAtEnd(reader)).toBe(true);
    closeSync(reader);
  });

  it("lose a node that gives its place back without having taken its end", () => {
    const seats = seatsOf(2);
    const { one, other } = bothOf(seats);
    const before = one?.pairs.take(writerOf("w", 2)) ?? -1;
    other?.leave();
    const after = one?.pairs.take(readerOf("v", 2)) ?? -1;
    expect([before, after].map(isAtEnd)).toEqual([true, true]);
    for (const fd of [before, after]) closeSync(fd);
  });

  it("lead to a node that let go of its place and has another one here", () => {
    const seats = seatsOf(2);
    seats.hold(hold(1));
    seats.hold(hold(2));
    seats.release([ticketOf(2)]);
    seats.hold({ ...hold(2), ticket: ticketOf(9) });
    const writer = seats.take(ticketOf(1))?.pairs.take(writerOf("w", 2)) ?? -1;
    const reader = seats.take(ticketOf(9))?.pairs.take(readerOf("w", 1));
    closeSync(writer);
    expect(isAtEnd(reader ?? -1)).toBe(true);
    closeSync(reader ?? -1);
  });

  it("keep what was written by a node that is gone for the one that comes after it", () => {
    const seats = seatsOf(2);
    const { one, other } = bothOf(seats);
    const writer = one?.pairs.take(writerOf("w", 2)) ?? -1;
    writeSync(writer, "said");
    closeSync(writer);
    one?.leave();
    const reader = other?.pairs.take(readerOf("w", 1)) ?? -1;
    const bytes = Buffer.alloc(9);
    expect(bytes.toString("latin1", 0, readSync(reader, bytes))).toBe("said");
    closeSync(reader);
  });
});

function bothOf(seats: Seats) {
  seats.hold(hold(1));
  seats.hold(hold(2));
  return { one: seats.take(ticketOf(1)), other: seats.take(ticketOf(2)) };
}

function writerOf(name: string, peer: number) {
  return { name, side: "writer", peer } as const;
}

function readerOf(name: string, peer: number) {
  return { name, side: "reader", peer } as const;
}
