import { expect, it } from "vitest";
import type { SoakResult } from "./soak.ts";
import { formatSummary, summaryOf } from "./summary.ts";

const MEGABYTE = 2 ** 20;
const held = { descriptors: ["pipe:[]"], processes: [], resources: 1 };
const result: SoakResult = {
  options: { sessions: 20, minutes: 1, seed: 3, together: 2 },
  kinds: [],
  counts: new Map(),
  failures: [],
  memory: [500, 1000].map((sessions) => ({ sessions, heapBytes: 0, residentBytes: 0 })),
  before: held,
  after: held,
  files: [],
  seconds: 2,
};

it("says how many sessions there were, and that nothing is left", () => {
  const text = formatSummary(summaryOf(result));
  expect(text).toContain("0 of 20 sessions in 2 s");
  expect(text).toContain("nothing is left");
});

it.each([
  [{ after: { ...held, processes: [7] } }, "processes are left: 7"],
  [{ after: { ...held, descriptors: ["pipe:[]", "/x"] } }, "descriptors are left: pipe:[], /x"],
  [{ after: { ...held, resources: 2 } }, "the event loop has 2 things to wait for, 1 before"],
  [{ files: ["zerovm-1"] }, "files are left: zerovm-1"],
  [
    { memory: [0, 5 * MEGABYTE].map((heapBytes) => ({ ...result.memory[0], heapBytes })) },
    "heapBytes grew by 5242880, more than 4194304",
  ],
])("counts a failure for %j", (changes, line) => {
  const summary = summaryOf({ ...result, ...changes } as SoakResult);
  expect(summary.failed).toBe(1);
  expect(formatSummary(summary)).toContain(line);
});
