import { expect, test } from "vitest";
import { nearestName } from "./nearest.ts";

const NAMES = ["timeoutSeconds", "fuel", "memoryBytes", "env", "dryRun", "read", "record"];

test.each([
  ["timeoutt", "timeoutSeconds"],
  ["timeout", "timeoutSeconds"],
  ["fule", "fuel"],
  ["MEMORY", "memoryBytes"],
  ["environment", "env"],
  ["dry-run", "dryRun"],
  ["recrod", "record"],
])("%s was meant to be %s", (given, meant) => {
  expect(nearestName(given, NAMES)).toBe(meant);
});

test.each(["", "x", "dir", "grants", "a".repeat(100_000)])("%s is like none", (given) => {
  expect(nearestName(given, NAMES)).toBeUndefined();
});
