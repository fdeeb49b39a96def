import { expect, it } from "vitest";
import { FAILING, SKIPPED } from "./swift-expected.ts";
import { judgeResults, type SwiftResult, unusedLines } from "./swift-verdict.ts";

const SPLIT = "tests.py::TestFileUTF8::testBadHeaders";

function judge(...results: readonly SwiftResult[]) {
  return judgeResults(results);
}

it("what fails or is skipped as the tables say is no surprise", () => {
  const test = "test_container.py::TestContainer::test_metadata";
  const verdict = judge(
    { test, outcome: "passed" },
    { test: SPLIT, outcome: "failed", reason: "400" },
    { test: "test_a.py::T::t", outcome: "skipped", reason: "Skipped: Requires account ACLs" },
    { test: "tests.py::TestServiceToken::test_x", outcome: "skipped", reason: "Skipped" },
  );
  expect(verdict).toEqual({ passed: 1, failed: 1, skipped: 2, surprises: [] });
});

it("what fails, passes or is skipped against them is one", () => {
  const test = "test_a.py::T::t";
  expect(judge({ test, outcome: "failed", reason: "no" }).surprises).toEqual([
    "test_a.py::T::t failed: no",
  ]);
  expect(judge({ test: SPLIT, outcome: "passed" }).surprises).toEqual([
    expect.stringMatching(/^tests.py::TestFileUTF8::testBadHeaders passed, take it out of the/),
  ]);
  expect(judge({ test, outcome: "skipped", reason: "Skipped: no SLO" })).toMatchObject({
    skipped: 0,
    surprises: ["test_a.py::T::t was skipped: Skipped: no SLO"],
  });
});

it("a test that passes and then fails behind its end has failed", () => {
  const test = "test_a.py::T::t";
  const failed = { test, outcome: "failed", reason: "left something" } as const;
  for (const results of [
    [{ test, outcome: "passed" }, failed],
    [failed, { test, outcome: "passed" }],
  ] as const) {
    expect(judge(...results)).toMatchObject({ passed: 0, surprises: [expect.any(String)] });
  }
});

it("lines that are like no test are found", () => {
  const unused = unusedLines([{ test: SPLIT, outcome: "failed" }]);
  expect(unused).not.toContain("tests.py::TestFile*::testBadHeaders");
  expect(unused).toContain("tests.py::TestServiceToken::*");
  expect(unused).toHaveLength(Object.keys({ ...FAILING, ...SKIPPED }).length);
});
