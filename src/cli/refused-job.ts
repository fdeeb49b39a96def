import { printable } from "../base/index.ts";
import { refusedBy, ServiceError } from "../zerocloud/client/index.ts";
import { complain, shownFile } from "./command.ts";

/** How a server begins a finding of a job: it knows no file of the user's. */
const PLACE = /^job(?=:\d+:\d+: (?:error|warning): )/;

/**
 * Shows what a server found in a job, a line each: its message alone has all of them in one.
 * @param file what was sent, where places in the job are places in it
 * @returns the error without what was shown; any other error as it is
 */
export function withoutFindings(error: unknown, file: string | undefined): unknown {
  if (!(error instanceof ServiceError)) return error;
  const [, blank, ...lines] = (error.request.text ?? "").trimEnd().split("\n");
  if (blank !== "" || !PLACE.test(lines[0] ?? "")) return error;
  for (const line of lines) {
    const shown = printable(line);
    complain(file === undefined ? shown : shown.replace(PLACE, () => shownFile(file)));
  }
  return refusedBy({ ...error.request, text: "the job has errors" });
}
