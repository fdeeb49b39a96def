import { judgeValue, partOf, scalar, ZvmError } from "../../base/index.ts";
import { OUTCOME, REPORT } from "./forms.ts";
import type { Report } from "./report.ts";

/**
 * A report as text for another process, which makes the same report of it: unlike the JSON for
 * people it keeps byte strings as they are.
 */
export function packReport(report: Report): string {
  return JSON.stringify(report, (_, value) => {
    return typeof value === "bigint" ? { [BIG]: String(value) } : value;
  });
}

/**
 * The report that another process packed. What is looked at later has its form; the rest is shown
 * to people as it came.
 * @throws ZvmError ZVM_SWIFT_WIRE where it is no report
 */
export function unpackReport(text: string): Report {
  try {
    const value: unknown = JSON.parse(text, (_, part) => bigOf(part) ?? part);
    judgeValue("unpackReport", value, REPORT);
    judgeValue("unpackReport", value, CARRIED);
    return value as Report;
  } catch (cause) {
    throw new ZvmError("ZVM_SWIFT_WIRE", "What came from a worker is no report of a session", {
      cause,
    });
  }
}

/** Stands for a number that JSON does not have. */
const BIG = "#big";

function bigOf(value: unknown): bigint | undefined {
  if (typeof value !== "object" || value === null || !(BIG in value)) return undefined;
  return typeof value[BIG] === "string" && /^\d{1,20}$/.test(value[BIG])
    ? BigInt(value[BIG])
    : undefined;
}

const NUMBER = scalar("a number", (value) => typeof value === "number");
const HASH = scalar("a SHA-256 or nothing", (value) => {
  return value === undefined || (typeof value === "string" && /^[0-9a-f]{64}$/.test(value));
});

/** What the form of shown reports leaves open. */
const CARRIED = partOf<Pick<Report, "version" | "outcome" | "exitStatus" | "traceHash">>({
  version: scalar("1", (value) => value === 1),
  outcome: OUTCOME,
  exitStatus: NUMBER,
  traceHash: HASH,
});
