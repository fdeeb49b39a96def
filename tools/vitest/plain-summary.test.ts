import { expect, it } from "vitest";
import { formatSummary } from "./plain-summary.ts";

const passed = { name: "a", state: "passed", note: undefined } as const;
const failed = { name: "b", state: "failed", note: "no such channel" } as const;
const pending = { name: "a", state: "pending", note: undefined } as const;
const retried = { name: "c", state: "retried", note: "too late" } as const;
const skipped = { name: "files > of the suite", state: "skipped", note: "no folder" } as const;

it.each([
  ["nothing", [], [], ["0 passed, 0 failed"]],
  ["passes", [passed, passed], [], ["2 passed, 0 failed"]],
  ["a failure", [passed, failed], [], ["failed: b (no such channel)", "1 passed, 1 failed"]],
  [
    "a test that passed when tried again",
    [retried, passed],
    [],
    ["passed when tried again: c (too late)", "2 passed, 0 failed"],
  ],
  ["a test that never ended", [pending], [], ["failed: a", "0 passed, 1 failed"]],
  ["a file that could not be loaded", [passed], ["f.ts"], ["failed: f.ts", "1 passed, 1 failed"]],
  [
    "skips, with their reasons",
    [passed, skipped, { ...skipped, name: "b", note: undefined }],
    [],
    ["skipped: files > of the suite (no folder)", "skipped: b", "1 passed, 0 failed, 2 skipped"],
  ],
] as const)("formatSummary counts %s", (_what, tests, elsewhere, lines) => {
  expect(formatSummary(tests, elsewhere)).toEqual(lines);
});
