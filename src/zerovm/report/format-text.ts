import { judgeValue, printable, textOf } from "../../base/index.ts";
import { REPORT } from "./forms.ts";
import type { Report } from "./report.ts";

/** What the original prints in place of etags when none was asked for. */
const NO_ETAGS = "disable";

/**
 * The report as the original prints it: validator, daemon, user code, etags, accounting and exit
 * state, a line each, and an empty line.
 * @throws ZvmError ZVM_USAGE when it is no report
 */
export function formatReportText(report: Report): string {
  judgeValue("formatReportText", report, REPORT);
  const { validator, daemon, userCode, state } = report.classic;
  const lines = [
    validator,
    daemon,
    userCode,
    etagLine(report),
    accountingLine(report),
    state,
    "",
    "",
  ];
  return lines.join("\n");
}

/** Report mode 1: the same on one line. */
export function formatReportLine(report: Report): string {
  return formatReportText(report).replaceAll("\n", "; ");
}

/** Report mode 3: preceded by its length in bytes, as `0x` and six digits. */
export function formatReportFramed(report: Report): string {
  const text = formatReportText(report);
  const sizeBytes = new TextEncoder().encode(text).length;
  return `0x${sizeBytes.toString(16).padStart(6, "0")}${text}`;
}

function etagLine(report: Report): string {
  if (report.etags.length === 0) return NO_ETAGS;
  return report.etags.map(({ alias, hex }) => `${printable(textOf(alias))} ${hex}`).join(" ");
}

/** System time first, then user time, four numbers of local and four of network channels. */
function accountingLine(report: Report): string {
  const { systemMs, userMs } = report.times;
  const [local, network] = [false, true].map((isNetwork) =>
    trafficOf(report.channels.filter((row) => (row.network === true) === isNetwork)),
  );
  return [(systemMs / 1000).toFixed(2), (userMs / 1000).toFixed(2), local, network].join(" ");
}

/** Operations and bytes read, operations and bytes written. */
function trafficOf(channels: Report["channels"]): string {
  const sum = { gets: 0, getBytes: 0, puts: 0, putBytes: 0 };
  for (const row of channels) {
    sum.gets += row.hostReads;
    sum.getBytes += row.hostReadBytes;
    sum.puts += row.hostWrites;
    sum.putBytes += row.hostWriteBytes;
  }
  return Object.values(sum).join(" ");
}
