import { availableParallelism } from "node:os";
import { CellPool } from "../../zerovm/pool/index.ts";
import { JobHost } from "../run/index.ts";
import { logOf, type ServeRequest, untilAborted } from "./serving.ts";
import { Worker } from "./worker.ts";

const MS = 1000;
const SESSIONS_OF_PROCESSOR = 2;

/**
 * Runs what the object server of this host brings until it is told to stop, and ends in order.
 * @param sessions at one time; two for each processor unless told
 * @throws ZvmError ZVM_SWIFT_SETUP
 */
export async function serveWorker(
  { config, socket, stop, announce }: ServeRequest,
  sessions = SESSIONS_OF_PROCESSOR * availableParallelism(),
): Promise<void> {
  const log = logOf(config);
  const warm = config["jobs.warmCells"];
  const cells = warm > 0 ? new CellPool({ size: warm }) : undefined;
  const systemImages = new Map(Object.entries(config.images));
  const host = new JobHost({ systemImages, ...(cells !== undefined && { cells }) });
  const worker = new Worker({ socket, host, sessions, log });
  try {
    await worker.start();
    announce();
    await untilAborted(stop);
    await worker.stop(config["limits.graceSeconds"] * MS);
  } finally {
    cells?.close();
    await host.close();
  }
}
