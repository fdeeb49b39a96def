import { expect, test } from "vitest";
import { makingMsOf } from "./making-time.ts";

test("the time of a program grows with its size, from one minute up to two", () => {
  const mib = 2 ** 20;
  expect([0, mib, 5 * mib, 6 * mib, 2 ** 30].map(makingMsOf)).toEqual([
    60_000, 70_000, 110_000, 120_000, 120_000,
  ]);
});
