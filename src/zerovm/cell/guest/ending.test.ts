import { describe, expect, test } from "vitest";
import { moduleOf } from "../../../../test/support/wat.ts";
import { HostIoError } from "../../../base/index.ts";
import { ExportFailure } from "../../../zrt/index.ts";
import { cutMessage, outcomeOfError, outcomeOfFinish } from "./ending.ts";

const LONG = "x".repeat(5000);

describe("texts that a module or the engine may make long", () => {
  test("those of link errors, as the engine makes them of names", () => {
    const program = moduleOf(`(module (import "${LONG}" "${LONG}" (func)))`);
    let error: unknown;
    try {
      new WebAssembly.Instance(new WebAssembly.Module(program), { [LONG]: { [LONG]: 1 } });
    } catch (caught) {
      error = caught;
    }
    expect((error as Error).message.length).toBeGreaterThan(5000);
    const outcome = outcomeOfError(error);
    expect(outcome.kind === "refused" && outcome.message).toMatch(/^WebAssembly.*x…$/);
    expect(outcome.kind === "refused" && outcome.message.length).toBe(1001);
  });

  test.each([
    ["a compile error", new WebAssembly.CompileError(LONG)],
    ["a trap", new WebAssembly.RuntimeError(LONG)],
    ["a defect", new Error(LONG)],
    ["the host", new HostIoError("EIO", LONG)],
  ])("those of %s", (_, error) => {
    expect(outcomeOfError(error)).toMatchObject({ message: expect.stringMatching(/^.{1000}…$/) });
  });

  test("those of an export", () => {
    expect(outcomeOfFinish(new ExportFailure(LONG))).toMatchObject({ message: cutMessage(LONG) });
  });

  test("the longest text that is kept whole", () => {
    expect(cutMessage("y".repeat(1000))).toBe("y".repeat(1000));
    expect(cutMessage("y".repeat(1001))).toBe(`${"y".repeat(1000)}…`);
  });
});
