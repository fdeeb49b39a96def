import {
  type Diagnostic,
  formatDiagnostic,
  LIMIT_TABLE,
  printable,
  withHintsOnce,
} from "../base/index.ts";
import { formatReportJson, formatReportText, type Outcome, type Report } from "../zerovm/index.ts";
import { complain, publish } from "./command.ts";
import { hints, terminalHint } from "./hints.ts";
import type { Interrupts } from "./interrupt.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";
import { openReportFile, type ReportFile } from "./report-file.ts";

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

/** The file of `--report-file`, if it was asked for, ready to be written. */
export async function reportFileOf(parsed: ParsedOptions): Promise<ReportFile | undefined> {
  const file = parsed.last("report-file");
  return file === undefined ? undefined : await openReportFile(file);
}

/** What ran: a program by the options of the command line, or a manifest. */
export interface Subject {
  readonly kind: "program" | "manifest";
  readonly name: string;
}

/** Says how a session ended, with hints and the report as they were asked for. */
export async function presentReport(
  report: Report,
  parsed: ParsedOptions,
  subject: Subject,
  file: ReportFile | undefined,
): Promise<void> {
  if (!isReaderGone(report)) explain(report, subject);
  for (const warning of warningsOf(report)) complain(`zerovm: warning: ${warning}`);
  for (const hint of hints(report, process.cwd())) complain(`zerovm: hint: ${hint}`);
  const untold = subject.kind === "program" && !parsed.has("interactive");
  const hint = untold ? terminalHint(report) : undefined;
  if (hint !== undefined && isTerminalBehind()) complain(`zerovm: hint: ${hint}`);
  try {
    if (parsed.has("report")) await publish("the report", shownReport(report, parsed));
  } finally {
    await file?.write(formatReportJson(report));
  }
}

/** Whether what the guest printed was seen by whoever typed. */
function isTerminalBehind(): boolean {
  const { isatty } = process.getBuiltinModule("node:tty");
  return isatty(1) && isatty(2);
}

function shownReport(report: Report, parsed: ParsedOptions): string {
  return parsed.last("report") === "json" ? formatReportJson(report) : formatReportText(report);
}

/** Warnings for people; those that are findings of a refusal are shown with their places. */
export function warningsOf({ outcome, warnings }: Report): string[] {
  const said = outcome.kind === "refused" ? outcome.findings.map(({ message }) => message) : [];
  return warnings.filter((warning) => !said.includes(warning)).map(printable);
}

/** Statuses that a shell shows for signals: no reader is left, and Ctrl-C. */
const STATUS_PIPE = 128 + 13;
const STATUS_CTRL_C = 128 + 2;

/**
 * Whether the reader of an inherited stream went away (`zerovm run … | head`). Only those can break
 * so: a named pipe is opened for both directions.
 */
function isReaderGone({ outcome }: Report): boolean {
  if (outcome.kind !== "lost" || outcome.cause !== "channel") return false;
  return outcome.message.endsWith(" failed to write: Broken pipe");
}

/**
 * The report with the exit status of a shell where a signal ended the session, or would have ended
 * a native program that nobody reads any more.
 */
export function withShellStatus(report: Report, interrupts: Interrupts): Report {
  if (isReaderGone(report)) return { ...report, exitStatus: STATUS_PIPE };
  const { outcome, isolation } = report;
  if (outcome.kind !== "lost" || outcome.cause !== "interrupted") return report;
  // A guest in this process hears Ctrl-C itself.
  const status = interrupts.status() ?? (isolation === "none" ? STATUS_CTRL_C : undefined);
  return status === undefined ? report : { ...report, exitStatus: status };
}

function explain({ outcome }: Report, subject: Subject): void {
  const name = printable(subject.name);
  switch (outcome.kind) {
    case "exited":
    case "judged":
      return;
    case "faulted":
      complain(`zerovm: ${name} ${faultText(outcome)}`);
      return;
    case "limited":
      if (outcome.unconnected === true) {
        complain(`zerovm: ${name} did not begin: ${UNCONNECTED}`);
        return;
      }
      complain(`zerovm: ${name} was ended by its ${LIMIT_TEXT[outcome.limit]}${waitText(outcome)}`);
      return;
    case "refused":
      for (const found of withHintsOnce(outcome.findings)) complain(explained(found, subject));
      return;
    case "lost":
      complain(`zerovm: ${lostText(outcome)}`);
      return;
  }
}

/** What a guest waited for whose time was over. */
function waitText({ waitingFor }: Extract<Outcome, { kind: "limited" }>): string {
  return waitingFor === undefined ? "" : `; it waited for ${printable(waitingFor)}`;
}

type Fault = Pick<Extract<Outcome, { kind: "faulted" }>, "message" | "functionIndex" | "address">;

/** What a guest did that faulted, and where, as far as that is known. */
export function faultText({ message, functionIndex, address }: Fault): string {
  const place = functionIndex === undefined ? "" : ` in function ${functionIndex}`;
  const where = address === undefined ? place : ` at 0x${address.toString(16)}`;
  return `faulted${where}: ${printable(message)}`;
}

/** A finding about a file begins with its name; what is wrong with options is ours to say. */
function explained(found: Diagnostic, { kind, name }: Subject): string {
  const isPlaced = found.line !== undefined || found.offset !== undefined;
  if (isPlaced || kind === "manifest") return formatDiagnostic(printable(name), found);
  return formatDiagnostic("zerovm", found).replace(/^zerovm: error: /, "zerovm: ");
}

function lostText({ cause, message }: Extract<Outcome, { kind: "lost" }>): string {
  if (cause === "interrupted") return "interrupted";
  if (cause === "verify") return `ZVM_VERIFY: ${printable(message)}`;
  return `the session was lost: ${printable(message)}`;
}

const { maximum: STACK_MAX, inside: INSIDE_MAX } = LIMIT_TABLE.stack;
const STACK_TEXT =
  `stack limit: it calls itself too deeply (--limit stack=SIZE, ${STACK_MAX / 2 ** 20}M at most, ` +
  `${INSIDE_MAX / 1024}K with --isolation=none)`;

const UNCONNECTED = "its channels were not connected within its time (--timeout)";

const LIMIT_TEXT = {
  time: "time limit (--timeout)",
  fuel: "fuel limit (--fuel)",
  stack: STACK_TEXT,
  report: "report size (--limit report=SIZE)",
} as const;
