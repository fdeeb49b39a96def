import { type ByteString, countOf, judgeValue, textOf, ZvmError } from "../../base/index.ts";
import { REPORT } from "./forms.ts";
import type { Report } from "./report.ts";

const INDENT = countOf("blanks", 0, 10);

/**
 * The report as JSON with named fields, as `docs/reference/report.schema.json` has them. Names of
 * the guest's world are bytes; here they are read as UTF-8.
 * @throws ZvmError ZVM_USAGE when it is no report
 */
export function formatReportJson(report: Report, indent = 2): string {
  judgeValue("formatReportJson", report, REPORT);
  judgeValue("formatReportJson", indent, INDENT);
  try {
    return JSON.stringify(readable(report), null, indent);
  } catch (cause) {
    throw new ZvmError("ZVM_USAGE", "formatReportJson takes a report, of which JSON can be made", {
      cause,
    });
  }
}

function readable(report: Report): unknown {
  return {
    ...report,
    channels: report.channels.map(({ digest: _, ...row }) => ({ ...row, ...alias(row.alias) })),
    etags: report.etags.map((row) => ({ ...row, ...alias(row.alias) })),
    hits: report.hits.map(({ limit, channel }) => {
      return channel === undefined ? { limit } : { limit, channel: textOf(channel) };
    }),
    ...(report.fuel === undefined ? {} : { fuel: fuelText(report.fuel) }),
    denied: report.denied.map((row) => ({ ...row, path: textOf(row.path) })),
  };
}

/** Counts that JSON cannot hold exactly are decimal text. */
function fuelText({ used, limit }: NonNullable<Report["fuel"]>): Record<string, string> {
  return { used: String(used), limit: String(limit) };
}

function alias(bytes: ByteString): { readonly alias: string } {
  return { alias: textOf(bytes) };
}
