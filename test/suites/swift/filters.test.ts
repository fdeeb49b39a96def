import { expect, it } from "vitest";
import { runTool } from "../run-tool.ts";

it("passes the tests that the filters have in Python", async () => {
  const args = ["-m", "unittest", "discover", "-s", "swift/tests"];
  const { status, stderr } = await runTool("/usr/bin/python3", args);
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  // Python says so of a run in which all were left out, too.
  expect(stderr).toMatch(/\nRan [1-9]\d* tests in \S+\n\nOK\n$/);
});
