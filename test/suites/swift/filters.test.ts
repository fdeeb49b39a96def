import { expect, it } from "vitest";
import { runTool } from "../run-tool.ts";

it("passes the tests that the filters have in Python", async () => {
  const args = ["-m", "unittest", "discover", "-s", "swift/tests"];
  const { status, stderr } = await runTool("/usr/bin/python3", args);
  // By name first: of a long text only the beginning is shown where tests are told of.
  expect(stderr.match(/^(?:FAIL|ERROR): .*/gm) ?? []).toEqual([]);
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  // Python says so of a run in which all were left out, too.
  expect(stderr).toMatch(/\nRan [1-9]\d* tests in \S+\n\nOK\n$/);
});
