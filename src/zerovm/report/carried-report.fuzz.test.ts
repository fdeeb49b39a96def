import fc from "fast-check";
import { expect, it } from "vitest";
import { exitedReport } from "../../../test/support/exited-report.ts";
import { ZvmError } from "../../base/index.ts";
import { packReport, unpackReport } from "./carried-report.ts";
import { formatReportJson } from "./format-json.ts";
import { formatReportText } from "./format-text.ts";
import type { Report } from "./report.ts";

/** What a coordinator makes of a text. */
function verdictOn(text: string): string {
  try {
    unpackReport(text);
    return "a report";
  } catch (error) {
    return error instanceof ZvmError ? error.code : String(error);
  }
}

it("keeps all of a report, large numbers too", () => {
  const bigs = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(bigs, fc.string(), (used, state) => {
      const classic = { ...exitedReport().classic, state };
      const report = exitedReport({ fuel: { used, limit: 2n ** 64n - 1n }, classic });
      const read = unpackReport(packReport(report));
      expect(read).toEqual(report);
      expect(formatReportJson(read)).toEqual(formatReportJson(report));
      expect(formatReportText(read)).toEqual(formatReportText(report));
    }),
  );
});

it("takes nothing else for a report", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(verdictOn(JSON.stringify(value))).toBe("ZVM_SWIFT_WIRE");
    }),
  );
  expect(verdictOn("{")).toBe("ZVM_SWIFT_WIRE");
});

it("takes or refuses a report of which a part is another", () => {
  const parts = Object.keys(exitedReport());
  fc.assert(
    fc.property(fc.constantFrom(...parts), fc.jsonValue(), (part, by) => {
      const text = packReport({ ...exitedReport(), [part]: by } as Report);
      expect(["a report", "ZVM_SWIFT_WIRE"]).toContain(verdictOn(text));
    }),
    { numRuns: 500 },
  );
});
