import { VERSION } from "../../base/index.ts";
import type { ExecutorSettings } from "../execute/index.ts";

/** The section `zerovm` of `/info`: what a client has to know before it sends a job. */
export function jobsInfo({
  timeoutSeconds,
  memoryBytes,
  fuel,
  jobLimits,
  transferLimits,
  systemImages,
  runningPerAccount,
  queuedPerAccount,
}: ExecutorSettings): Readonly<Record<string, unknown>> {
  return {
    version: VERSION,
    execute_versions: ["1.0", "open/1.0", "api/1.0"],
    max_job_size: jobLimits["job-bytes"],
    max_job_nodes: jobLimits.nodes,
    max_node_seconds: timeoutSeconds,
    max_node_memory: memoryBytes,
    ...(fuel !== undefined && { max_node_fuel: fuel }),
    max_input_size: transferLimits.inputBytes,
    max_output_size: transferLimits.outputBytes,
    max_running_per_account: runningPerAccount,
    max_queued_per_account: queuedPerAccount,
    images: [...systemImages.keys()].sort(),
  };
}
