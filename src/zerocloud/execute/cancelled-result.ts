import type { InstanceResult, JobResult } from "../result/index.ts";
import { STATUS_CANCELLED } from "../run/index.ts";

/** Whether a cancelled job still had something to do; what was over by then counts as it is. */
export function wasCutShort({ instances }: JobResult): boolean {
  return instances.some(isCutShort);
}

/**
 * What people are told of a job that was cancelled: who reads of a session that was killed looks
 * for what is wrong with the program.
 */
export function cancelledResult({ instances, ...job }: JobResult, why: string): JobResult {
  const told = instances.map((instance) => {
    if (!isCutShort(instance)) return instance;
    const statusText = instance.state === "failed" ? "cancelled" : instance.statusText;
    return { ...instance, statusText, error: why };
  });
  return { ...job, instances: told };
}

/** A program that ran to its end may print this status too. */
function isCutShort({ state, status }: InstanceResult): boolean {
  return state !== "ran" && status === STATUS_CANCELLED;
}
