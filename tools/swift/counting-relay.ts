import { once } from "node:events";
import { createServer, connect as openTo, type Server, type Socket } from "node:net";
import type { Bound } from "./pipelines.ts";

/** What went over one connection. */
export interface ConnectionTraffic {
  readonly toServerBytes: number;
  readonly fromServerBytes: number;
}

/**
 * Stands before a server, passes all on and counts it: heads and bodies, as they are at the socket.
 */
export class CountingRelay {
  readonly #server: Server;
  readonly #pairs: { readonly client: Socket; readonly server: Socket }[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens at a port of the system's choice. */
  static async open(ip: string, target: Bound): Promise<CountingRelay> {
    const server = createServer({ allowHalfOpen: true });
    const relay = new CountingRelay(server);
    server.on("connection", (client) => relay.#pass(client, target));
    server.listen(0, ip);
    await once(server, "listening");
    return relay;
  }

  get port(): number {
    const bound = this.#server.address();
    return typeof bound === "object" && bound !== null ? bound.port : 0;
  }

  /** One entry a connection, oldest first; those that have ended stay. */
  get connections(): ConnectionTraffic[] {
    return this.#pairs.map(({ client, server }) => {
      return { toServerBytes: client.bytesRead, fromServerBytes: server.bytesRead };
    });
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    await closed;
  }

  #pass(client: Socket, { ip, port }: Bound): void {
    const server = openTo({ host: ip, port, allowHalfOpen: true });
    this.#pairs.push({ client, server });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      from.pipe(to);
      // Where one side breaks, or is not there, so does the other.
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroySoon());
    }
  }
}
