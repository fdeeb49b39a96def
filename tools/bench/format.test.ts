import { expect, test } from "vitest";
import { formatJson, formatTable } from "./format.ts";
import type { Measurement } from "./measurement.ts";
import { atMost } from "./statistics.ts";

const MACHINE = { node: "v20.0.0", cpus: 2, load: 0.25 };
const HELLO: Measurement = {
  name: "cold hello",
  unit: "ms",
  note: "whole processes",
  candidates: [
    { name: "zerovm", samples: [70, 60, 65] },
    { name: "empty node", samples: [25, 26, 24] },
  ],
  verdicts: [atMost("2 empty nodes + 15 ms", 65, 65), atMost("nothing", 65, 1)],
};

test("the table shows medians, ranges, ratios and verdicts", () => {
  expect(formatTable(MACHINE, [HELLO]).split("\n")).toEqual([
    "Node v20.0.0, 2 processors, load 0.3; medians, interleaved runs",
    "",
    "cold hello (whole processes)",
    "  zerovm                          65.00 ms       60.00 to 70.00",
    "  empty node                      25.00 ms       24.00 to 26.00           zerovm / this 2.60",
    "  met   2 empty nodes + 15 ms: 65.00, bar 65.00",
    "  UNMET nothing: 65.00, bar 1.00",
  ]);
});

test("the JSON has every sample, the medians and the verdicts", () => {
  const { machine, results } = JSON.parse(formatJson(MACHINE, [HELLO]));
  expect(machine).toEqual(MACHINE);
  expect(results[0].candidates[0]).toEqual({
    name: "zerovm",
    samples: [70, 60, 65],
    median: 65,
  });
  expect(results[0].verdicts.map(({ isMet }: { isMet: boolean }) => isMet)).toEqual([true, false]);
});
