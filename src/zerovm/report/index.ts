/** What is known after a session: the report as data, as the original's text and as JSON. */
export { packReport, unpackReport } from "./carried-report.ts";
export { classicPartOf } from "./classic-part.ts";
export { exitStatusOf } from "./exit-status.ts";
export { formatReportJson } from "./format-json.ts";
export { formatReportFramed, formatReportLine, formatReportText } from "./format-text.ts";
export {
  type EndingLimit,
  type Exited,
  type Faulted,
  type FaultKind,
  type Limited,
  type Lost,
  type LostCause,
  type Outcome,
  type RefusalFinding,
  type Refused,
  signalOfFault,
} from "./outcome.ts";
export {
  type CellOrigin,
  type ClassicPart,
  type DeniedPath,
  type EtagRow,
  type LimitHit,
  MEMORY_ALIAS,
  type Report,
  type ReportMemory,
  type ReportTimes,
  TIERS,
  type Tier,
  type Verified,
} from "./report.ts";
export { withOutcome } from "./with-outcome.ts";
