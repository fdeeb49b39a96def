import { printable, ZvmError } from "../../base/index.ts";
import {
  type Daemon,
  parseManifest,
  reasonOf,
  startDaemon,
  textKindOf,
} from "../../zerovm/index.ts";
import { runClassic } from "../classic.ts";
import { BEHIND, runBehind } from "../classic-daemon.ts";
import { type Command, complain, shownFile } from "../command.ts";
import { aborted, catchInterrupts } from "../interrupt.ts";
import { NEXE_OPTIONS, nexeRulesOf } from "../nexe-options.ts";
import type { ParsedOptions } from "../options.ts";
import { presentReport, REPORT_OPTIONS, reportFileOf, withShellStatus } from "../present-report.ts";
import { readText } from "../read-text.ts";
import { filesOf, judgeReportFile, type NeededFile } from "../report-file.ts";
import { FURTHER_OPTIONS, furtherOf, TIER_OPTION, tierOf } from "../run-settings.ts";
import { wholeNumber } from "../whole-number.ts";

/** `zerovm exec`. */
export const EXEC: Command = {
  name: "exec",
  usage: ["[options] MANIFEST", "--classic MANIFEST [-v#] [-t#] [-TFILE] [-s] [-F] [-P] [-Q]"],
  description:
    "Runs what a manifest file declares; '-' reads it from standard input. Everything is checked\n" +
    "before anything is created, and every finding is shown with line and column. A manifest with\n" +
    "`Job = /path/socket` becomes a daemon when its program comes to its point: sessions asked for\n" +
    "at that socket go on from there, until Ctrl-C.",
  options: [
    {
      name: "classic",
      help: "Behave as the original: its switches, its report on standard output, its exit codes",
    },
    {
      name: "no-preallocation",
      short: "P",
      help: "Do not extend written files to their limits first",
    },
    { name: "dry-run", short: "F", help: "Check everything and do not run it" },
    {
      name: "cells",
      value: "N",
      help: "Cells in which the program of a manifest with Job waits (default 2)",
    },
    TIER_OPTION,
    ...NEXE_OPTIONS,
    ...FURTHER_OPTIONS,
    ...REPORT_OPTIONS,
  ],
  examples: [
    { line: "zerovm exec job.manifest", does: "run it" },
    {
      line: "zerovm exec --report=json - < job.manifest",
      does: "from standard input, with a report",
    },
    {
      line: "zerovm exec --cells 4 daemon.manifest",
      does: "serve sessions at the socket that its Job names, until Ctrl-C",
    },
    { line: "zerovm job.manifest", does: "the same with the original's report and exit codes" },
  ],
  notes: `Exit status: the guest's own; 124 time or stack limit; 125 the manifest has errors, or the
host failed; 126 program refused; 127 program not found; 132, 136, 139 for a fault.`,
  stopAtOperand: true,
  takesAll: (argv) => {
    if (argv[0] === "--classic") return runClassic(argv.slice(1));
    return argv[0] === BEHIND ? runBehind(argv.slice(1)) : undefined;
  },
  run: async (parsed) => exec(parsed),
};

const CELLS_MAX = 1000;

async function exec(parsed: ParsedOptions): Promise<number> {
  if (parsed.has("classic")) return runClassic(parsed.operands);
  const [file, ...rest] = parsed.operands;
  if (file === undefined) {
    throw new ZvmError("ZVM_USAGE", "zerovm exec: name a MANIFEST; '-' reads standard input");
  }
  if (rest[0] !== undefined) {
    const message = `zerovm exec: options come before the one MANIFEST, not '${rest[0]}' after it`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  const reportFile = await reportFileOf(parsed);
  const cells = wholeNumber(parsed, "cells", CELLS_MAX);
  // Whoever waits for a manifest on standard input is ended by a signal at once.
  const text = readManifest(file);
  if (textKindOf(text) === "job") throw isJob(file);
  const reportPath = parsed.last("report-file");
  if (reportPath !== undefined)
    judgeReportFile(reportPath, neededFiles(file, text, parsed.last("record")));
  const interrupts = catchInterrupts();
  try {
    const { report: ran, daemon } = await startDaemon({
      text,
      ...(cells !== undefined && { cells }),
      ...(file !== "-" && { needed: [{ role: "the manifest", path: file }] }),
      preallocate: !parsed.has("no-preallocation"),
      judgeOnly: parsed.has("dry-run"),
      ...tierOf(parsed),
      ...nexeRulesOf(parsed),
      ...furtherOf(parsed),
      signal: interrupts.signal,
    });
    const report = withShellStatus(ran, interrupts);
    await presentReport(report, parsed, { kind: "manifest", name: shownFile(file) }, reportFile);
    if (daemon !== undefined) await untilAborted(daemon, interrupts.signal);
    return report.exitStatus;
  } finally {
    interrupts.release();
  }
}

/** Sessions are served until somebody asks for the end. */
async function untilAborted(daemon: Daemon, signal: AbortSignal): Promise<void> {
  complain(`zerovm exec: serves sessions at ${printable(daemon.path)}`);
  await aborted(signal);
  await daemon.close();
  complain("zerovm exec: ended");
}

function neededFiles(file: string, text: Uint8Array, record: string | undefined): NeededFile[] {
  const { manifest } = parseManifest(text);
  return [
    ...(record === undefined ? [] : [{ role: "the record", path: record }]),
    ...(file === "-" ? [] : [{ role: "the manifest", path: file }]),
    ...(manifest === undefined ? [] : filesOf(manifest)),
  ];
}

function isJob(file: string): ZvmError {
  const shown = shownFile(file);
  const message = `${shown} is a job, not a manifest: zerovm check judges it, zerovm job plan shows what would run`;
  return new ZvmError("ZVM_USAGE", message);
}

function readManifest(file: string): Uint8Array {
  try {
    return readText(file);
  } catch (cause) {
    const message = `Cannot read the manifest ${shownFile(file)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
