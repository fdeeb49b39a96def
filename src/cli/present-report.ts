import { accessSync, constants, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Diagnostic, formatDiagnostic, printable, ZvmError } from "../base/index.ts";
import {
  formatReportJson,
  formatReportText,
  type Outcome,
  type Report,
  reasonOf,
} from "../zerovm/index.ts";
import { complain } from "./command.ts";
import { hints } from "./hints.ts";
import type { Interrupts } from "./interrupt.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** The options of every command that runs a session. */
export const REPORT_OPTIONS: readonly OptionSpec[] = [
  {
    name: "report",
    value: "text|json",
    optionalValue: true,
    choices: ["text", "json"],
    help: "Show the report on standard error, as the original's text or as JSON",
  },
  { name: "report-file", value: "FILE", isPath: true, help: "Write the report as JSON to FILE" },
];

/**
 * Whether the report can be written where it shall be; asked before anything runs.
 *
 * @throws ZvmError ZVM_FILE that names the file.
 */
export function checkReportFile(parsed: ParsedOptions): void {
  const file = parsed.last("report-file");
  if (file === undefined) return;
  try {
    const isThere = statSync(file, { throwIfNoEntry: false });
    if (isThere?.isDirectory() === true) throw new Error("it is a folder");
    if (isThere === undefined) accessSync(dirname(file), constants.W_OK | constants.X_OK);
    else accessSync(file, constants.W_OK);
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
}

/** What ran: a program by the options of the command line, or a manifest. */
export interface Subject {
  readonly kind: "program" | "manifest";
  readonly name: string;
}

/** Says how a session ended, with hints and the report as they were asked for. */
export function presentReport(report: Report, parsed: ParsedOptions, subject: Subject): void {
  explain(report, subject);
  for (const warning of warningsOf(report)) complain(`zerovm: warning: ${warning}`);
  for (const hint of hints(report, process.cwd())) complain(`zerovm: hint: ${hint}`);
  if (parsed.has("report")) {
    const isJson = parsed.last("report") === "json";
    complain(isJson ? formatReportJson(report) : formatReportText(report));
  }
  const file = parsed.last("report-file");
  if (file !== undefined) writeReport(file, report);
}

/** Warnings for people; those that are findings of a refusal are shown with their places. */
export function warningsOf({ outcome, warnings }: Report): string[] {
  const said = outcome.kind === "refused" ? outcome.findings.map(({ message }) => message) : [];
  return warnings.filter((warning) => !said.includes(warning)).map(printable);
}

/** The exit status: that of a shell where a signal ended the session. */
export function statusOf({ outcome, exitStatus }: Report, interrupts: Interrupts): number {
  const isInterrupted = outcome.kind === "lost" && outcome.cause === "interrupted";
  return (isInterrupted ? interrupts.status() : undefined) ?? exitStatus;
}

function explain({ outcome }: Report, subject: Subject): void {
  const name = printable(subject.name);
  switch (outcome.kind) {
    case "exited":
    case "judged":
      return;
    case "faulted": {
      const place = outcome.offset === undefined ? "" : ` at 0x${outcome.offset.toString(16)}`;
      complain(`zerovm: ${name} faulted${place}: ${printable(outcome.message)}`);
      return;
    }
    case "limited":
      complain(`zerovm: ${name} was ended by its ${LIMIT_TEXT[outcome.limit]}`);
      return;
    case "refused":
      for (const found of outcome.findings) complain(explained(found, subject));
      return;
    case "lost":
      complain(`zerovm: ${lostText(outcome)}`);
      return;
  }
}

/** A finding about a file begins with its name; what is wrong with options is ours to say. */
function explained(found: Diagnostic, { kind, name }: Subject): string {
  const isPlaced = found.line !== undefined || found.offset !== undefined;
  if (isPlaced || kind === "manifest") return formatDiagnostic(printable(name), found);
  return formatDiagnostic("zerovm", found).replace(/^zerovm: error: /, "zerovm: ");
}

function lostText({ cause, message }: Extract<Outcome, { kind: "lost" }>): string {
  if (cause === "interrupted") return "interrupted";
  return `the session was lost: ${printable(message)}`;
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
    throw cannotWrite(file, cause);
  }
}

function cannotWrite(file: string, cause: unknown): ZvmError {
  const message = `Cannot write the report to ${printable(file)}: ${reasonOf(cause)}`;
  return new ZvmError("ZVM_FILE", message, { cause });
}
