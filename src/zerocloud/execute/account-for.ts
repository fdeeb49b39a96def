import type { Log } from "../log/index.ts";
import type { JobEnd, Metrics } from "../metrics/index.ts";
import { type InstanceResult, type JobResult, tenNumbers } from "../result/index.ts";
import type { JobEnding, TrackedJob } from "./tracked-job.ts";

/** Logs and counts what each instance of a job took. */
export function accountFor(
  { instances }: JobResult,
  { id: job, account, transaction: request }: TrackedJob,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): void {
  for (const { id: instance, name: node, statusText, accounting, state } of instances) {
    const cdr = tenNumbers(accounting).split(" ").map(Number);
    const ties = { request, job, account };
    log.write({ kind: "zerovm-cdr", ...ties, node, instance, status: statusText, cdr });
    if (state !== "refused" && state !== "skipped") metrics.countSession(accounting.seconds);
  }
}

/** How a job that came to an answer ended. @param status of HTTP, of the answer */
export function endingOf(result: JobResult, status: number): JobEnding {
  const exitCode = result.instances.find((instance) => instance.exitCode !== 0)?.exitCode;
  return { outcome: endOf(result), status, ...(exitCode !== undefined && { exitCode }) };
}

function endOf({ instances }: JobResult): JobEnd {
  const isState = (state: InstanceResult["state"]): boolean =>
    instances.some((instance) => instance.state === state);
  if (isState("refused")) return "refused";
  return isState("failed") || instances.some(({ error }) => error !== undefined) ? "failed" : "ok";
}
