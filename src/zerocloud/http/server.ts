import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ZvmError } from "../../base/index.ts";
import type { Store } from "../store/index.ts";
import { type EndedExchange, ended } from "./ended.ts";
import { Exchange, type Identify } from "./exchange.ts";
import type { InfoSections } from "./info.ts";
import { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
import { listen } from "./listen.ts";
import { answerMalformed } from "./malformed.ts";
import { ObjectApi } from "./object-api.ts";
import type { Prevalidation } from "./program-marks.ts";
import { refuse } from "./refusal.ts";
import { hasKnownCoding, judgeHeaders, unknownCoding } from "./request-size.ts";
import { Turns } from "./turns.ts";

/**
 * Looks at an exchange before the object API does.
 * @returns whether it has answered, so that nobody else does
 */
export type Handler = (exchange: Exchange) => Promise<boolean>;

export interface HttpOptions {
  readonly store: Store;
  readonly identify: Identify;
  /** Asked in their order, before the object API. */
  readonly handlers?: readonly Handler[];
  readonly limits?: Partial<HttpLimits>;
  /** `127.0.0.1` where it is not told. */
  readonly host?: string;
  /** Zero, also where it is not told: one that the system picks. */
  readonly port?: number;
  /** Told of every exchange when it is over, for logs and metrics. Must not throw. */
  readonly log?: (ended: EndedExchange) => void;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
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

/** Of the limit of connections: beyond these nobody is told why, the connection just ends. */
const HARD_LIMIT_FACTOR = 2;

/** How often Node looks for connections whose headers are late. */
const CHECK_MS = 1000;

/** How often a server that closes looks for connections without a request. */
const SWEEP_MS = 50;

/**
 * Serves a store over HTTP.
 * @throws ZvmError ZVM_HTTP_LISTEN where the address cannot be had
 */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const serving = new Serving(options, limits);
  const { host = "127.0.0.1", port = 0 } = options;
  const address = await listen(serving.server, host, port);
  return {
    host: address.address,
    port: address.port,
    connections: () => serving.connections,
    close: () => serving.close(),
  };
}

class Serving {
  readonly server: Server;
  readonly #options: HttpOptions;
  readonly #limits: HttpLimits;
  readonly #api: ObjectApi;
  readonly #nowMs: () => number;
  /** Open at the moment. */
  connections = 0;
  /** Connections that came when there were enough. */
  readonly #unwanted = new WeakSet<Socket>();
  /** Connections that are being ended because no request came. */
  readonly #malformed = new WeakSet<Socket>();
  readonly #latest = new WeakMap<Socket, IncomingMessage>();
  readonly #turns: Turns;
  #closing: Promise<void> | undefined;

  constructor(options: HttpOptions, limits: HttpLimits) {
    this.#options = options;
    this.#limits = limits;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#turns = new Turns(limits.pipelined);
    this.#api = new ObjectApi({
      store: options.store,
      nowMs: this.#nowMs,
      info: options.info ?? {},
      accountManagement: options.accountManagement ?? false,
      strictCors: options.strictCors ?? true,
      limits,
      prevalidation: options.prevalidation,
    });
    this.server = createServer({
      maxHeaderSize: limits.headersBytes,
      headersTimeout: limits.headersMs,
      keepAliveTimeout: limits.idleMs,
      // An upload may take hours; its pieces have their own time.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(CHECK_MS, limits.headersMs),
      insecureHTTPParser: false,
      // It is judged with the other headers, so that the answer has the form of all others.
      requireHostHeader: false,
    });
    this.#listen();
  }

  #listen(): void {
    const { server } = this;
    // Node would leave out what is beyond its number; the bytes are limited already.
    server.maxHeadersCount = 0;
    server.maxConnections = this.#limits.connections * HARD_LIMIT_FACTOR;
    server.on("connection", (socket: Socket) => {
      this.connections += 1;
      if (this.connections > this.#limits.connections) this.#unwanted.add(socket);
      socket.on("close", () => {
        this.connections -= 1;
      });
    });
    server.on("request", (request, response) => this.#take(request, response, false));
    server.on("checkContinue", (request, response) => this.#take(request, response, true));
    server.on("checkExpectation", (request, response) => {
      const message = "The only expectation that is understood is 100-continue";
      this.#take(request, response, false, new ZvmError("ZVM_HTTP_EXPECTATION", message));
    });
    server.on("clientError", (cause, socket) => void this.#endMalformed(cause, socket as Socket));
    // Nobody upgrades to anything here: such a request is one like others.
    server.on("connect", (_request, socket) => {
      const message = "CONNECT is for proxies, and this server is none";
      this.#refuse(new ZvmError("ZVM_HTTP_REQUEST", message), socket);
    });
  }

  /** Answers that are due go first, so that nobody takes the refusal for one of them. */
  async #endMalformed(cause: Error, socket: Socket): Promise<void> {
    const isAgain = this.#malformed.has(socket);
    this.#malformed.add(socket);
    // The parser says it again for every packet, while the refusal is on its way.
    if (isAgain && isOfParser(cause)) return;
    const request = this.#latest.get(socket);
    if (request?.complete === true && isOfParser(cause)) await this.#turns.end(socket);
    const isBody = request?.complete === false;
    const known = isBody && !hasKnownCoding(request) ? unknownCoding() : cause;
    this.#refuse(known, socket);
  }

  #refuse(cause: Error, socket: Duplex): void {
    answerMalformed(cause, socket, { nowMs: this.#nowMs(), limits: this.#limits });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const { server } = this;
    const timer = setTimeout(() => server.closeAllConnections(), this.#limits.graceMs);
    // Connections that were busy at first stay open for a next request that is not wanted.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    try {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    } finally {
      clearTimeout(timer);
      clearInterval(sweep);
    }
  }

  #take(
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
    refusal?: ZvmError,
  ): void {
    const { identify } = this.#options;
    const limits = this.#limits;
    const nowMs = this.#nowMs();
    const parts = { request, response, limits, identify, expectsContinue, nowMs };
    const exchange = new Exchange(parts);
    this.#latest.set(request.socket, request);
    if (this.#closing !== undefined) response.shouldKeepAlive = false;
    response.on("close", () => this.#log(exchange));
    // Who went away is noticed where the answer is written.
    response.on("error", () => undefined);
    void this.#serve(exchange, refusal);
  }

  async #serve(exchange: Exchange, refusal: ZvmError | undefined): Promise<void> {
    const { request, response } = exchange;
    try {
      if (!(await this.#turns.wait(request.socket, response))) return;
      if (refusal !== undefined) throw refusal;
      this.#judge(exchange);
      for (const handler of this.#options.handlers ?? []) {
        if (await handler(exchange)) return;
      }
      await this.#api.serve(exchange);
    } catch (cause) {
      await this.#fail(exchange, cause);
    }
  }

  async #fail(exchange: Exchange, cause: unknown): Promise<void> {
    try {
      await exchange.fail(cause);
    } catch {
      // What can be told was told: the connection is no use to anybody.
      exchange.response.destroy();
    }
  }

  #judge({ request, response }: Exchange): void {
    if (this.#unwanted.has(request.socket)) {
      response.shouldKeepAlive = false;
      refuse("ZVM_HTTP_BUSY", "The server has as many connections as it may have");
    }
    judgeHeaders(request, this.#limits);
  }

  #log(exchange: Exchange): void {
    this.#options.log?.(ended(exchange, this.#nowMs()));
  }
}

function isOfParser(cause: Error): boolean {
  return "code" in cause && String(cause.code).startsWith("HPE_");
}
