import { appendFileSync } from "node:fs";
import { formatDiagnostic, printable } from "../base/index.ts";
import {
  formatReportFramed,
  formatReportLine,
  formatReportText,
  type Report,
} from "../zerovm/index.ts";
import type { ClassicSwitches } from "./classic-switches.ts";
import { complain, print } from "./command.ts";
import { warningsOf } from "./present-report.ts";

/** Shows a report as the switches say. @returns the original's exit code */
export function deliver(report: Report, switches: ClassicSwitches): number {
  const shown = switches.skipValidation ? withoutValidator(report) : report;
  log(shown, switches);
  if (switches.reportMode === 0) print(formatReportText(shown));
  if (switches.reportMode === 1) complain(formatReportLine(shown));
  if (switches.reportMode === 3) print(formatReportFramed(shown));
  if (switches.traceFile !== undefined) trace(shown, switches.traceFile);
  return shown.classic.exitCode;
}

/** What did not fail validation was, with `-s`, not validated. */
function withoutValidator(report: Report): Report {
  if (report.classic.validator !== 0) return report;
  return { ...report, classic: { ...report.classic, validator: 2 } };
}

function log(report: Report, { manifest, verbosity, ...switches }: ClassicSwitches): void {
  const { outcome, classic } = report;
  if (outcome.kind === "refused") {
    for (const found of outcome.findings) {
      complain(formatDiagnostic(printable(manifest), found));
    }
  }
  if (verbosity >= 1) {
    for (const warning of warningsOf(report)) complain(`zerovm: warning: ${warning}`);
    if (switches.skipValidation) complain("VALIDATION DISABLED");
    if (switches.noQualification) complain("PLATFORM QUALIFICATION DISABLED");
    if (switches.noPreallocation) complain("DISK SPACE PREALLOCATION DISABLED");
    if (classic.exitCode !== 0) complain(`SESSION FAILED WITH ERROR ${classic.exitCode}`);
  }
  if (verbosity >= 2) complain(`SESSION RETURNED ${classic.userCode}`);
}

/** The phases of the session in the form of the original's trace, in seconds. */
function trace(report: Report, file: string): void {
  const { cellStartMs, compileMs, instantiateMs, guestMs, finishMs } = report.times;
  const phases = [
    ["[channels mounting]", cellStartMs],
    ["[user module loading]", compileMs],
    ["[last preparations]", instantiateMs],
    ["untrusted code", guestMs],
    ["[channels destruction]", finishMs],
  ] as const;
  let totalMs = 0;
  const lines = phases.map(([event, durationMs]) => {
    totalMs += durationMs;
    return `${(totalMs / 1000).toFixed(6)} [${(durationMs / 1000).toFixed(6)}]: ${event}`;
  });
  appendFileSync(file, `[${process.pid}] ${"0".repeat(48)}\n${lines.join("\n")}\n\n`);
}
