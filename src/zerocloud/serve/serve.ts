import type { ServerConfig } from "../config/index.ts";
import type { Gauges } from "../metrics/index.ts";
import { Beside } from "./beside.ts";
import { openParts, reloadAccounts, type ServerParts } from "./parts.ts";

/** What tells a server to stop, or to read its accounts again. */
export interface ServeSignals {
  readonly stop: AbortSignal;
  /** Calls back for each request to read again, until the end. */
  onReload(reload: () => void): void;
  /** Gives the signals back. */
  release(): void;
}

/** What speaks HTTP. */
export interface CloudServer {
  /** Listens. @throws ZvmError where the address cannot be had */
  start(): Promise<{ readonly host: string; readonly port: number }>;
  /** Takes no more requests, and resolves when those under way are over or their time is. */
  stop(): Promise<void>;
  /** What it knows of itself. */
  gauges(): Gauges;
}

export type MakeServer = (parts: ServerParts, beside: Beside) => CloudServer;

/** A server that is ready. */
export interface Started {
  /** `http://HOST:PORT`. */
  readonly url: string;
  readonly made?: ServerParts["made"];
  readonly accountsPath: string;
}

export interface ServeRequest {
  readonly config: ServerConfig;
  readonly makeServer: MakeServer;
  readonly signals: ServeSignals;
  /** Told once, when requests are answered. */
  readonly announce: (started: Started) => void;
}

/**
 * Serves until it is told to stop, then ends in order: no more requests, those under way to their
 * end or that of their time, then the store.
 * @throws ZvmError as `openParts` and `CloudServer.start`
 */
export async function serve({
  config,
  makeServer,
  signals,
  announce,
}: ServeRequest): Promise<void> {
  let server: CloudServer | undefined;
  const parts = await openParts(config, () => server?.gauges() ?? {});
  const { log, health, store } = parts;
  try {
    server = makeServer(parts, new Beside(parts));
    // Who stopped us meanwhile wants no server.
    if (signals.stop.aborted) return;
    try {
      const { host, port } = await server.start();
      health.become("ready");
      const url = urlOf(host, port);
      log.write({ kind: "event", level: "info", text: `Serving at ${url}` });
      const { made, accountsPath } = parts;
      announce({ url, accountsPath, ...(made !== undefined && { made }) });
      // One after the other: the file that was written last is the one that counts.
      let reloading = Promise.resolve();
      signals.onReload(() => {
        reloading = reloading.then(() => reloadAccounts(parts));
      });
      await aborted(signals.stop);
      log.write({ kind: "event", level: "info", text: "Stopping" });
      await reloading;
    } finally {
      health.become("stopping");
      await server.stop();
    }
  } finally {
    await store.close();
    log.write({ kind: "event", level: "info", text: "Stopped" });
  }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
