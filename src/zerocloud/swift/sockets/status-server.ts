import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Health, Metrics } from "../../metrics/index.ts";
import { listenAtSocket } from "./listen-at-socket.ts";

const JSON_TYPE = "application/json";

/** What a coordinator or worker says of itself. @returns undefined for any other path */
export async function statusOf(
  path: string,
  { health, metrics }: { readonly health: Health; readonly metrics: Metrics },
): Promise<{ readonly status: number; readonly type: string; readonly body: string } | undefined> {
  if (path === "/metrics") {
    return { status: 200, type: metrics.contentType, body: await metrics.text() };
  }
  if (path !== "/healthz" && path !== "/readyz") return undefined;
  const { status, state } = path === "/readyz" ? health.readiness() : health.liveness();
  return { status, type: JSON_TYPE, body: `${JSON.stringify({ state })}\n` };
}

/** Says how a worker is, at a socket of its own: its other one speaks with object servers only. */
export class StatusServer {
  readonly #parts: { readonly health: Health; readonly metrics: Metrics };
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(parts: { readonly health: Health; readonly metrics: Metrics }) {
    this.#parts = parts;
  }

  /** @throws ZvmError ZVM_SWIFT_SETUP where the socket cannot be had */
  async start(socket: string): Promise<void> {
    await listenAtSocket(this.#server, "status", socket);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer({ url = "" }: IncomingMessage, response: ServerResponse): Promise<void> {
    const said = await statusOf(url, this.#parts);
    const known = said ?? { status: 404, type: "text/plain", body: "There is nothing here\n" };
    response.writeHead(known.status, { "Content-Type": known.type }).end(known.body);
  }
}
