import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_KEYS, type ServerConfig } from "../../config/index.ts";
import type { EndedExchange } from "../../exchange/index.ts";
import { DeferredRecords, executorSettings } from "../../execute/index.ts";
import type { Log } from "../../log/index.ts";
import { Metrics } from "../../metrics/index.ts";
import { logOf, type ServeRequest, setupError, untilAborted } from "../sockets/index.ts";
import { Coordinator } from "./coordinator.ts";

const MS = 1000;
const DEFERRED_FOLDER = "deferred";
const DEFECT_STATUS = 500;

export interface CoordinatorFiles {
  /** The secret of the cluster, as the object servers have it. */
  readonly secretFile: string;
  /** A folder for what outlives it. */
  readonly data?: string;
}

/**
 * Serves the filters of proxies until it is told to stop, and ends in order.
 * @throws ZvmError ZVM_SWIFT_SETUP, ZVM_HTTP_LISTEN
 */
export async function serveCoordinator(
  request: ServeRequest,
  { secretFile, data }: CoordinatorFiles,
): Promise<void> {
  const { config, socket, stop, announce } = request;
  const secret = secretOf(secretFile);
  const log = logOf(config);
  const metrics: Metrics = new Metrics(() => coordinator.gauges());
  const coordinator = new Coordinator({
    socket,
    secret,
    settings: executorSettings({ ...config, "jobs.pools": poolsOf(config) }),
    log,
    metrics,
    ended: (ended) => tellEnded(ended, log, metrics),
    graceMs: graceMsOf(config),
    ...(data !== undefined && { records: new DeferredRecords(join(data, DEFERRED_FOLDER)) }),
  });
  await coordinator.start();
  announce();
  await untilAborted(stop);
  await coordinator.stop();
}

/** A cluster has more room than a machine: workers say how much, and what is beyond waits here. */
const CLUSTER_POOLS = "default = WaitPool(1000, 1000); cluster = PriorityPool(1000, 1000)";

function poolsOf({ "jobs.pools": pools }: ServerConfig): string {
  return pools === CONFIG_KEYS["jobs.pools"].standard ? CLUSTER_POOLS : pools;
}

function graceMsOf(config: ServerConfig): number {
  return config["limits.graceSeconds"] * MS;
}

function tellEnded(ended: EndedExchange, log: Log, metrics: Metrics): void {
  const { exchange, status, durationMs, receivedBytes, sentBytes, failure } = ended;
  const { method, rawPath: path, transaction: request, job } = exchange;
  const figures = { method, status, bytesIn: receivedBytes, bytesOut: sentBytes };
  metrics.countRequest({ ...figures, kind: "job", seconds: durationMs / MS });
  const known = job === undefined ? {} : { job };
  const ms = Math.round(durationMs);
  log.write({ kind: "request", ...figures, ...known, path, request, ms });
  if (failure === undefined || status < DEFECT_STATUS) return;
  log.write({ kind: "failure", request, text: "A request failed", cause: failure });
}

/** As many as 16 random bytes have in hexadecimal. */
const SECRET_LEAST = 32;

/** Blanks at its ends are no part of it. */
function secretOf(path: string): Buffer {
  try {
    const secret = readFileSync(path, "latin1").trim();
    if (secret === "") throw new Error("it is empty");
    if (secret.length < SECRET_LEAST) {
      throw new Error(`it has ${secret.length} characters, and ${SECRET_LEAST} are the least`);
    }
    return Buffer.from(secret, "latin1");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw setupError("secret-file", `${path}: ${reason}`, cause);
  }
}
