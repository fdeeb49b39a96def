import { makeFinding } from "../manifest/index.ts";
import type { Report } from "../report/index.ts";
import { withErrorCodes } from "./judge-session.ts";
import { refusedReport } from "./make-report.ts";

/** The report of a session that ended before there was a manifest to read. */
export function classicRefusal(code: number, state: string): Report {
  const finding = makeFinding({ stage: "parse", code, state, message: state });
  return refusedReport(withErrorCodes([finding]), {
    wallMs: 0,
    warnings: [],
    isolation: "full",
    tier: "auto",
  });
}
