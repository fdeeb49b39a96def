import { writeFileSync } from "node:fs";
import { formatDiagnostic, printable, ZvmError } from "../base/index.ts";
import { formatReportJson, formatReportText, type Report } from "../zerovm/index.ts";
import { complain } from "./command.ts";
import { hints } from "./hints.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** The options of every command that runs a session. */
export const REPORT_OPTIONS: readonly OptionSpec[] = [
  {
    name: "report",
    value: "FORM",
    optionalValue: true,
    choices: ["text", "json"],
    help: "Show the report on standard error, as the original's text or as JSON",
  },
  { name: "report-file", value: "FILE", isPath: true, help: "Write the report as JSON to FILE" },
];

/** Says how a session ended. `program` is the name that findings about it carry. */
export function presentReport(report: Report, parsed: ParsedOptions, program: string): void {
  explain(report, program);
  for (const warning of report.warnings) complain(`zerovm: warning: ${printable(warning)}`);
  for (const hint of hints(report, process.cwd())) complain(`zerovm: hint: ${hint}`);
  if (parsed.has("report")) {
    const isJson = parsed.last("report") === "json";
    process.stderr.write(isJson ? formatReportJson(report) : formatReportText(report));
  }
  const file = parsed.last("report-file");
  if (file !== undefined) writeReport(file, report);
}

function explain(report: Report, program: string): void {
  const { outcome } = report;
  switch (outcome.kind) {
    case "exited":
      return;
    case "faulted": {
      const place = outcome.offset === undefined ? "" : ` at 0x${outcome.offset.toString(16)}`;
      complain(`zerovm: ${printable(program)} faulted${place}: ${printable(outcome.message)}`);
      return;
    }
    case "limited":
      complain(`zerovm: ${printable(program)} was ended by its ${LIMIT_TEXT[outcome.limit]}`);
      return;
    case "refused":
      for (const found of outcome.findings) complain(formatDiagnostic(printable(program), found));
      return;
    case "lost":
      complain(`zerovm: the session was lost: ${printable(outcome.message)}`);
      return;
  }
}

const LIMIT_TEXT = {
  time: "time limit (--timeout)",
  stack: "stack limit: it calls itself too deeply",
  report: "report size (--limit report=SIZE)",
} as const;

function writeReport(file: string, report: Report): void {
  try {
    writeFileSync(file, formatReportJson(report));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ZvmError("ZVM_FILE", `Cannot write the report to ${file}: ${reason}`, { cause });
  }
}
