import {
  classicRefusal,
  executeManifest,
  formatReportText,
  parseManifest,
} from "../zerovm/index.ts";
import { deliver } from "./classic-report.ts";
import { parseSwitches, type SwitchProblem } from "./classic-switches.ts";
import { print } from "./command.ts";
import { catchInterrupts } from "./interrupt.ts";
import { readText } from "./read-text.ts";
import { filesOf, judgeTraceFile, type NeededFile } from "./report-file.ts";

const HELP = `Usage: zerovm MANIFEST [-v#] [-t#] [-TFILE] [-s] [-F] [-P] [-Q]

  -s         say in the report that validation was skipped
  -F         judge everything and stop before the guest starts
  -P         do not extend written files to their limits first
  -Q         leave out the test of the platform
  -t#        report: 0 to standard output, 1 on one line to standard error, 2 none,
             3 preceded by its length
  -v#        verbosity of the log on standard error, 0 to 3
  -T FILE    append the times of the session's phases to FILE, an absolute path
  -M FILE    the manifest, in the form of old versions

'zerovm --help' shows the commands of today.
`;

const STATUS = { USAGE: 22, EFAULT: 14, ENOENT: 2, EIO: 5 } as const;

/** Runs a manifest as the original program did, with its report and its exit codes. */
export async function runClassic(argv: readonly string[]): Promise<number> {
  const switches = parseSwitches(argv);
  if ("kind" in switches) return refuse(switches);
  const text = readManifest(switches.manifest);
  if (typeof text === "number") {
    const state = text === STATUS.ENOENT ? "manifest open error" : "manifest read error";
    return deliver(classicRefusal(text, state), switches);
  }
  const { traceFile } = switches;
  if (traceFile !== undefined) judgeTraceFile(traceFile, neededOf(switches.manifest, text));
  if (!switches.stopBeforeStart && parseManifest(text).manifest?.job !== undefined) {
    const { startBehind } = await import("./classic-daemon.ts");
    return startBehind(argv, text);
  }
  const interrupts = catchInterrupts();
  try {
    const report = await executeManifest({
      text,
      ...(switches.manifest !== "-" && {
        needed: [{ role: "the manifest", path: switches.manifest }],
      }),
      preallocate: !switches.noPreallocation,
      judgeOnly: switches.stopBeforeStart,
      signal: interrupts.signal,
    });
    return deliver(report, switches);
  } finally {
    interrupts.release();
  }
}

function refuse(problem: SwitchProblem): number {
  if (problem.kind === "value") {
    print(formatReportText(classicRefusal(STATUS.EFAULT, problem.state)));
    return STATUS.EFAULT;
  }
  if (problem.line !== undefined) print(problem.line);
  print(HELP);
  return STATUS.USAGE;
}

/** What the trace of a session must not be put into. */
function neededOf(path: string, text: Uint8Array): NeededFile[] {
  const { manifest } = parseManifest(text);
  return [
    ...(path === "-" ? [] : [{ role: "the manifest", path }]),
    ...(manifest === undefined ? [] : filesOf(manifest)),
  ];
}

function readManifest(path: string): Uint8Array | number {
  try {
    return readText(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return isMissing ? STATUS.ENOENT : STATUS.EIO;
  }
}
