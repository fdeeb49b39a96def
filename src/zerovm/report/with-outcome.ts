import { classicPartOf } from "./classic-part.ts";
import { exitStatusOf } from "./exit-status.ts";
import type { Outcome } from "./outcome.ts";
import type { Report } from "./report.ts";

/** A report of a session that went another way than its cell could know. */
export function withOutcome(report: Report, outcome: Outcome): Report {
  const exitStatus = exitStatusOf(outcome);
  return { ...report, outcome, exitStatus, classic: classicPartOf(outcome) };
}
