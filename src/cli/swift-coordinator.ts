import { readFileSync } from "node:fs";
import { executorSettings } from "../zerocloud/execute/index.ts";
import { Metrics } from "../zerocloud/metrics/index.ts";
import { Coordinator } from "../zerocloud/swift/index.ts";
import type { ParsedOptions } from "./options.ts";
import { listenToSignals } from "./stop-signals.ts";
import { logOf, SWIFT_FAILED_STATUS, setupError, swiftConfig, tellReady } from "./swift-config.ts";
import { untilAborted } from "./until-aborted.ts";

const MS = 1000;

/** Runs a coordinator until it is told to stop. @throws ZvmError ZVM_SWIFT_SETUP */
export async function runCoordinator(parsed: ParsedOptions, socket: string): Promise<number> {
  const config = swiftConfig(parsed);
  if (config === undefined) return SWIFT_FAILED_STATUS;
  const secret = secretOf(parsed.last("secret-file"));
  const log = logOf(config);
  const signals = listenToSignals();
  const metrics: Metrics = new Metrics(() => coordinator.gauges());
  const coordinator = new Coordinator({
    socket,
    secret,
    settings: executorSettings(config),
    log,
    metrics,
    ended: ({ exchange, status, durationMs, receivedBytes, sentBytes, failure }) => {
      const { method, rawPath: path, transaction: request, job } = exchange;
      const figures = { method, status, bytesIn: receivedBytes, bytesOut: sentBytes };
      metrics.countRequest({ ...figures, kind: "job", seconds: durationMs / MS });
      const known = job === undefined ? {} : { job };
      log.write({
        kind: "request",
        ...figures,
        ...known,
        path,
        request,
        ms: Math.round(durationMs),
      });
      if (failure === undefined || status < 500) return;
      log.write({ kind: "failure", request, text: "A request failed", cause: failure });
    },
    graceMs: config["limits.graceSeconds"] * MS,
  });
  try {
    await coordinator.start();
    tellReady("coordinator", socket, parsed.has("json"));
    await untilAborted(signals.stop);
    await coordinator.stop();
    return 0;
  } finally {
    signals.release();
  }
}

/** The secret that the object servers have; blanks at its ends are no part of it. */
function secretOf(path: string | undefined): Buffer {
  if (path === undefined) throw setupError("secret-file", "name the file of the cluster's secret");
  try {
    const secret = readFileSync(path, "latin1").trim();
    if (secret === "") throw new Error("it is empty");
    return Buffer.from(secret, "latin1");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw setupError("secret-file", `${path}: ${reason}`, cause);
  }
}
