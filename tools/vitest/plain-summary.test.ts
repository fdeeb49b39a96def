import { expect, it } from "vitest";
import { formatSummary } from "./plain-summary.ts";

const passed = { name: "a", state: "passed", note: undefined } as const;
const skipped = { name: "files > of the suite", state: "skipped", note: "no folder" } as const;

it.each([
  ["nothing", [], 0, ["0 passed, 0 failed"]],
  ["passes", [passed, passed], 0, ["2 passed, 0 failed"]],
  ["a failure", [passed, { ...passed, state: "failed" }], 0, ["1 passed, 1 failed"]],
  ["a test that never ended", [{ ...passed, state: "pending" }], 0, ["0 passed, 1 failed"]],
  ["a file that could not be loaded", [passed], 1, ["1 passed, 1 failed"]],
  [
    "skips, with their reasons",
    [passed, skipped, { ...skipped, name: "b", note: undefined }],
    0,
    ["skipped: files > of the suite (no folder)", "skipped: b", "1 passed, 0 failed, 2 skipped"],
  ],
] as const)("formatSummary counts %s", (_what, tests, failuresElsewhere, lines) => {
  expect(formatSummary(tests, failuresElsewhere)).toEqual(lines);
});
