/** For tests: a server over a store of its own, requests to it, and bytes on a bare connection. */
import { readdirSync, readlinkSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import type { Identity } from "../../src/zerocloud/access/index.ts";
import type { EndedExchange, Exchange } from "../../src/zerocloud/exchange/index.ts";
import { type HttpOptions, type HttpServer, startHttp } from "../../src/zerocloud/http/index.ts";
import type { Store } from "../../src/zerocloud/store/index.ts";
import { BareClient } from "./bare-client.ts";
import { type FreshStore, freshStore } from "./fresh-store.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Sending {
  /** Whose token is sent; nobody's where it is missing. */
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array;
}

/** Sends a request to a server of this machine, on a connection of its own. */
export async function sendTo(
  port: number,
  method: string,
  path: string,
  { headers: told = {}, body }: Omit<Sending, "as">,
): Promise<Answer> {
  const isChunked = told["Transfer-Encoding"] !== undefined;
  const length =
    body === undefined || isChunked ? {} : { "Content-Length": Buffer.byteLength(body) };
  const headers = { ...length, ...told };
  return await new Promise<Answer>((resolve, reject) => {
    const sent = request({ port, method, path, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.on("error", reject);
    // Node would send the head as UTF-8 in front of a text.
    sent.end(body === undefined ? undefined : Buffer.from(body));
  });
}

/** Token of whom all accounts are. */
export const OPERATOR = "operator";

/** Tokens are the names of accounts; `name:user` is somebody who owns no account. */
export async function identifyByName(exchange: Exchange): Promise<Identity | "unknown"> {
  const token = exchange.header("x-auth-token");
  if (token === undefined) return "unknown";
  if (token === OPERATOR) return { names: [], ownsAll: true };
  const [account = ""] = token.split(":");
  const names = [account, token];
  return token.includes(":") ? { names } : { names, owns: account };
}

/** Contents that this process has open. */
export function openContents(folder: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(`${folder}/contents`) ? [path] : [];
    } catch {
      return [];
    }
  });
}

/** A server over a fresh store, whose account is `a` and container `c`. */
export class FreshServer {
  readonly fresh: FreshStore;
  readonly ended: EndedExchange[] = [];
  #http: HttpServer | undefined;

  private constructor(fresh: FreshStore) {
    this.fresh = fresh;
  }

  /** @param options of the server, or what makes them of its store */
  static async start(
    options: Partial<HttpOptions> | ((store: Store) => Partial<HttpOptions>) = {},
    storeOptions: Parameters<typeof freshStore>[0] = {},
  ): Promise<FreshServer> {
    const server = new FreshServer(await freshStore(storeOptions));
    server.#http = await startHttp({
      identify: identifyByName,
      log: (ended) => server.ended.push(ended),
      ...(typeof options === "function" ? options(server.fresh.store) : options),
      store: server.fresh.store,
    });
    return server;
  }

  get port(): number {
    return this.#http?.port ?? 0;
  }

  async close(): Promise<void> {
    await this.#http?.close();
    await this.fresh.dispose();
  }

  /** Sends a request as the owner of `a`, where nobody else is named. */
  async send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const { as = "a", body, headers } = sending;
    const token = as === "" ? {} : { "X-Auth-Token": as };
    const whole = { headers: { ...token, ...headers }, ...(body === undefined ? {} : { body }) };
    return await sendTo(this.port, method, path, whole);
  }

  /** Sends bytes as they are, and resolves with all that comes back until the end. */
  async sendRaw(bytes: string | Uint8Array, endsAfter = true): Promise<string> {
    const { socket, answer } = await BareClient.open(this.port);
    if (endsAfter) socket.end(bytes);
    else socket.write(bytes);
    return await answer;
  }
}
