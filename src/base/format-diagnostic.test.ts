import { expect, test } from "vitest";
import type { Diagnostic } from "./diagnostic.ts";
import { withHintsOnce } from "./format-diagnostic.ts";

test("a hint that several findings have stands behind the last of them", () => {
  const found = (message: string, hint?: string): Diagnostic => ({
    severity: "error",
    message,
    ...(hint !== undefined && { hint }),
  });
  const findings = [found("a", "x"), found("b"), found("c", "y"), found("d", "x"), found("e")];
  expect(withHintsOnce(findings)).toEqual([
    found("a"),
    found("b"),
    found("c", "y"),
    found("d", "x"),
    found("e"),
  ]);
});
