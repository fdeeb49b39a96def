import { ZvmError } from "../../base/index.ts";
import { type Isolation, replay } from "../../zerovm/index.ts";
import { type Command, shownFile } from "../command.ts";
import { catchInterrupts } from "../interrupt.ts";
import type { ParsedOptions } from "../options.ts";
import { presentReport, REPORT_OPTIONS, reportFileOf, withShellStatus } from "../present-report.ts";
import { readTimeout } from "../read-timeout.ts";
import { judgeReportFile } from "../report-file.ts";

const ISOLATIONS: readonly Isolation[] = ["full", "weak", "none"];

/** `zerovm replay`. */
export const REPLAY: Command = {
  name: "replay",
  usage: ["[options] RECORD"],
  description:
    "Runs the session that 'zerovm run --record RECORD' wrote down, without the files, streams, clock\n" +
    "and entropy that it had, and compares outcome, trace hash and the digests of all channels. What\n" +
    "the guest writes to standard output and error is shown; files are not written again.",
  options: [
    {
      name: "timeout",
      value: "SECONDS",
      help: "End the session after this wall time (default: as it was recorded)",
    },
    {
      name: "isolation",
      value: "full|weak|none",
      choices: ISOLATIONS,
      help: "What has to stand around the guest, as in zerovm run",
    },
    ...REPORT_OPTIONS,
  ],
  examples: [
    { line: "zerovm replay session.zvr", does: "the same again, on any machine" },
    {
      line: "zerovm replay --timeout 500 --report=json session.zvr",
      does: "on a slow machine, with the report",
    },
  ],
  notes: `Exit status: the guest's own where the replay is the same; 125 where it differs, or where the
record cannot be read; 124 where the time limit ended it.`,
  run: async (parsed) => replayCommand(parsed),
};

async function replayCommand(parsed: ParsedOptions): Promise<number> {
  const [path, ...rest] = parsed.operands;
  if (path === undefined || rest.length > 0) {
    throw new ZvmError("ZVM_USAGE", "zerovm replay: name one RECORD; see 'zerovm replay --help'");
  }
  const timeout = parsed.last("timeout");
  const timeoutSeconds = timeout === undefined ? undefined : readTimeout(timeout, "--timeout");
  const isolation = ISOLATIONS.find((it) => it === parsed.last("isolation"));
  const reportPath = parsed.last("report-file");
  if (reportPath !== undefined) judgeReportFile(reportPath, [{ role: "the record", path }]);
  const file = await reportFileOf(parsed);
  const interrupts = catchInterrupts();
  try {
    const ran = await replay({
      path,
      showsOutput: true,
      signal: interrupts.signal,
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
      ...(isolation !== undefined && { isolation }),
    });
    const report = withShellStatus(ran, interrupts);
    await presentReport(report, parsed, { kind: "manifest", name: shownFile(path) }, file);
    return report.exitStatus;
  } finally {
    interrupts.release();
  }
}
