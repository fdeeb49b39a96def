import { ExchangeServer, HTTP_LIMITS, type ServerOptions } from "../exchange/index.ts";
import type { Store } from "../store/index.ts";
import type { InfoSections } from "./info.ts";
import { ObjectApi } from "./object-api.ts";
import type { Prevalidation } from "./program-marks.ts";

export interface HttpOptions extends Omit<ServerOptions, "arrive"> {
  readonly store: Store;
  /** `127.0.0.1` where it is not told. */
  readonly host?: string;
  /** Zero, also where it is not told: one that the system picks. */
  readonly port?: number;
  /** Further sections of `/info`, such as `tempauth`. */
  readonly info?: InfoSections;
  /** Whether owners may make and remove their accounts: Swift's `allow_account_management`. */
  readonly accountManagement?: boolean;
  /** Whether answers name only origins that a container allows; so where it is not told. */
  readonly strictCors?: boolean;
  /** Judges programs when they are stored; without it none is. */
  readonly prevalidation?: Prevalidation;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** Open at the moment. */
  connections(): number;
  /** Takes no more requests, and resolves when those under way are over or their time is. */
  close(): Promise<void>;
}

/**
 * Serves a store over HTTP: what no handler answers is for the object API.
 * @throws ZvmError ZVM_HTTP_LISTEN where the address cannot be had
 */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { host = "127.0.0.1", port = 0, handlers = [] } = options;
  const api = new ObjectApi({
    store: options.store,
    nowMs: options.nowMs ?? Date.now,
    info: options.info ?? {},
    accountManagement: options.accountManagement ?? false,
    strictCors: options.strictCors ?? true,
    limits: { ...HTTP_LIMITS, ...options.limits },
    prevalidation: options.prevalidation,
  });
  const server = new ExchangeServer({
    ...options,
    handlers: [
      ...handlers,
      async (exchange) => {
        await api.serve(exchange);
        return true;
      },
    ],
  });
  const address = await server.listen(host, port);
  return {
    host: address.address,
    port: address.port,
    connections: () => server.connections,
    close: () => server.close(),
  };
}
