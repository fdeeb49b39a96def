/**
 * A server whose only requests are those beside the API, in a process of its own: what is tested
 * with it is how a server starts, lives and ends. The argument is its data folder.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { listenToSignals } from "../../src/cli/stop-signals.ts";
import { resolveConfig } from "../../src/zerocloud/config/index.ts";
import { type Beside, type CloudServer, serve } from "../../src/zerocloud/serve/index.ts";

/** A request to `/slow` is answered after this. */
const SLOW_MS = 700;

function standIn(beside: Beside): CloudServer {
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url: path = "", headers } = request;
    if (path === "/slow") await new Promise((go) => setTimeout(go, SLOW_MS));
    const answer = await beside.answer({ method, path, headers, address: "127.0.0.1" });
    const { status = 404, headers: fields = {}, body = "" } = answer ?? {};
    response.writeHead(status, fields);
    response.end(body);
    beside.ended({ method, path, status, request: "tx", seconds: 0, bytesIn: 0, bytesOut: 0 });
  };
  const server = createServer((request, response) => void take(request, response));
  return {
    start: async () => {
      await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
      const { address: host, port } = server.address() as AddressInfo;
      return { host, port };
    },
    stop: () => new Promise((go) => server.close(() => go())),
    gauges: () => ({ connections: 1 }),
  };
}

async function main(): Promise<void> {
  const flags = { data: process.argv[2] };
  const { config } = resolveConfig({ flags, environment: process.env, folder: process.cwd() });
  if (config === undefined) throw new Error("The configuration has errors");
  try {
    await serve({
      config,
      makeServer: (_, beside) => standIn(beside),
      signals: listenToSignals(),
      announce: (started) => console.log(JSON.stringify(started)),
    });
    process.exit(0);
  } catch (error) {
    console.log(JSON.stringify(error));
    process.exit(125);
  }
}

void main();
