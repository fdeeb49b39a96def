import { classicPartOf } from "../../src/zerovm/report/classic-part.ts";
import type { Outcome, Report } from "../../src/zerovm/report/index.ts";

/** The report of a session that exited with 0, and did nothing else. */
export function exitedReport(fields: Partial<Report> = {}): Report {
  const outcome: Outcome = { kind: "exited", code: 0 };
  return {
    version: 1,
    outcome,
    exitStatus: 0,
    classic: classicPartOf(outcome),
    times: {
      wallMs: 1,
      userMs: 1,
      systemMs: 0,
      orderToGuestMs: 0,
      orderToReportMs: 0,
      cellStartMs: 0,
      compileMs: 0,
      instantiateMs: 0,
      guestMs: 0,
      finishMs: 0,
    },
    memory: { linearBytes: 65_536, limitBytes: 2 ** 32, residentBytes: 0 },
    channels: [],
    etags: [],
    hits: [],
    warnings: [],
    walls: ["seccomp"],
    isolation: "full",
    tier: "auto",
    interactive: false,
    granted: { clock: false, entropy: false },
    denied: [],
    ...fields,
  };
}
