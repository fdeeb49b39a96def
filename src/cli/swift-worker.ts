import { availableParallelism } from "node:os";
import { JobHost } from "../zerocloud/run/index.ts";
import { Worker } from "../zerocloud/swift/index.ts";
import { CellPool } from "../zerovm/pool/index.ts";
import type { ParsedOptions } from "./options.ts";
import { listenToSignals } from "./stop-signals.ts";
import { logOf, SWIFT_FAILED_STATUS, setupError, swiftConfig, tellReady } from "./swift-config.ts";
import { untilAborted } from "./until-aborted.ts";

const MS = 1000;
const SESSIONS_OF_PROCESSOR = 2;

/** Runs a worker until it is told to stop. @throws ZvmError ZVM_SWIFT_SETUP */
export async function runWorker(parsed: ParsedOptions, socket: string): Promise<number> {
  const config = swiftConfig(parsed);
  if (config === undefined) return SWIFT_FAILED_STATUS;
  const sessions = sessionsOf(parsed.last("sessions"));
  const log = logOf(config);
  const warm = config["jobs.warmCells"];
  const cells = warm > 0 ? new CellPool({ size: warm }) : undefined;
  const systemImages = new Map(Object.entries(config.images));
  const host = new JobHost({ systemImages, ...(cells !== undefined && { cells }) });
  const signals = listenToSignals();
  const worker = new Worker({ socket, host, sessions, log });
  try {
    await worker.start();
    tellReady("worker", socket, parsed.has("json"));
    await untilAborted(signals.stop);
    await worker.stop(config["limits.graceSeconds"] * MS);
    return 0;
  } finally {
    cells?.close();
    await host.close();
    signals.release();
  }
}

function sessionsOf(text: string | undefined): number {
  if (text === undefined) return SESSIONS_OF_PROCESSOR * availableParallelism();
  const sessions = Number(text);
  if (/^[1-9]\d{0,3}$/.test(text)) return sessions;
  throw setupError("sessions", `${text} is no number from 1 to 9999`);
}
