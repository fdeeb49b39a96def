import { expect, test } from "vitest";
import { TICK_NS, virtualClock } from "./clock.ts";

const MICROSECOND = 1000n;

test("a look shows the time and then moves it by a microsecond; a peek moves nothing", () => {
  const clock = virtualClock(2);
  expect(clock.peek()).toBe(2_000_000_000n);
  expect(clock.look()).toBe(2_000_000_000n);
  expect(clock.look()).toBe(2_000_001_000n);
  expect(clock.peek()).toBe(2_000_002_000n);
  expect(clock.peek()).toBe(2_000_002_000n);
  expect([clock.resolutionNs, clock.isReal, TICK_NS]).toEqual([MICROSECOND, false, MICROSECOND]);
});

test.each([
  ["nothing", 0n, MICROSECOND],
  ["less than a microsecond", 999n, MICROSECOND],
  ["one microsecond", 1000n, MICROSECOND],
  ["a microsecond and a half", 1500n, MICROSECOND],
  ["three seconds", 3_000_000_000n, 3_000_000_000n],
])("sleeping %s passes whole microseconds, at least one", (_name, durationNs, passedNs) => {
  const clock = virtualClock(0);
  clock.sleep(durationNs);
  expect(clock.peek()).toBe(passedNs);
});

test("the clock stops at the last time that a guest can be told", () => {
  const clock = virtualClock(0);
  clock.sleep(2n ** 64n);
  clock.look();
  const end = 2n ** 64n - 1n;
  expect([clock.look(), clock.look(), clock.peek()]).toEqual([end, end, end]);
});
