import { expect, test } from "vitest";
import { fullOrder } from "../../../test/support/orders.ts";
import { FIRST_CELL_FD, type Order, renumbered } from "../cell/index.ts";
import { hostFd, NO_CHANNELS, neededAgain, repeatedOrder } from "./again.ts";
import type { Talk } from "./converse.ts";
import { Handovers } from "./handovers.ts";

/** All that is called a descriptor, wherever it stands. */
function descriptorsOf(value: unknown): number[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, it]) => {
    return name === "fd" ? [Number(it)] : descriptorsOf(it);
  });
}

const MOVED = 1000;

test("every descriptor of an order gets another number", () => {
  const before = descriptorsOf(fullOrder());
  expect(before).toContain(fullOrder().nexe?.further?.translator?.fd);
  const after = descriptorsOf(renumbered(fullOrder(), (fd) => fd + MOVED));
  expect(after).toEqual(before.map((fd) => fd + MOVED));
});

test("every descriptor of an order that is repeated is kept, and no other", () => {
  const handovers = new Handovers();
  const order = renumbered(fullOrder(), (fd) => handovers.give(fd + MOVED));
  const common = { signal: undefined, pool: undefined, cell: undefined };
  const talk: Talk = { order, handovers, opener: NO_CHANNELS, isolation: "full", ...common };
  const isFile = ({ kind }: Order["channels"][number]["sources"][number]) => kind === "file";
  const repeated = repeatedOrder(order, isFile);
  expect([repeated.recording, repeated.traceLog, repeated.replay]).toEqual(
    Array(3).fill(undefined),
  );
  const needed = descriptorsOf(repeated).map((fd) => hostFd(talk, fd));
  expect(needed.every((fd) => fd >= MOVED + FIRST_CELL_FD)).toBe(true);
  expect([...neededAgain(talk, isFile)].sort()).toEqual([...new Set(needed)].sort());
});
