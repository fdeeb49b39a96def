import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ZvmError } from "../../base/index.ts";
import { type EndedExchange, ended } from "./ended.ts";
import { Exchange, type ExchangeParts, type Identify } from "./exchange.ts";
import { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
import { listen, listenAt } from "./listen.ts";
import { answerMalformed } from "./malformed.ts";
import { refuse } from "./refusal.ts";
import { hasKnownCoding, judgeHeaders, unknownCoding } from "./request-size.ts";
import { Turns } from "./turns.ts";

/** @returns whether it has answered, so that nobody else does */
export type Handler = (exchange: Exchange) => Promise<boolean>;

/** What is known of a request from elsewhere than itself. */
export type Arrival = Pick<ExchangeParts, "transaction" | "client" | "target">;

export interface ServerOptions {
  readonly identify: Identify;
  /** Asked in their order; what none of them answers is not there. */
  readonly handlers?: readonly Handler[];
  readonly limits?: Partial<HttpLimits>;
  /** Told of every exchange when it is over, for logs and metrics. Must not throw. */
  readonly log?: (ended: EndedExchange) => void;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
  /**
   * Looks at a request before anybody else: one that somebody passed on has headers that tell of
   * the first one, which are nothing to whoever answers it, and can be taken out.
   */
  readonly arrive?: (request: IncomingMessage) => Arrival;
}

/** Of the limit of connections: beyond these nobody is told why, the connection just ends. */
const HARD_LIMIT_FACTOR = 2;

/** How often Node looks for connections whose headers are late. */
const CHECK_MS = 1000;

/** How often a server that closes looks for connections without a request. */
const SWEEP_MS = 50;

/** Speaks HTTP: a request after another becomes an exchange, and its handlers answer it. */
export class ExchangeServer {
  readonly #server: Server;
  readonly #options: ServerOptions;
  readonly #limits: HttpLimits;
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

  constructor(options: ServerOptions) {
    const limits = { ...HTTP_LIMITS, ...options.limits };
    this.#options = options;
    this.#limits = limits;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#turns = new Turns(limits.pipelined);
    this.#server = createServer({
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
    this.#follow();
  }

  /** @throws ZvmError ZVM_HTTP_LISTEN where the address cannot be had */
  async listen(host: string, port: number): Promise<AddressInfo> {
    return await listen(this.#server, host, port);
  }

  /** Listens at a socket of this machine. @throws ZvmError ZVM_HTTP_LISTEN */
  async listenAt(path: string): Promise<void> {
    await listenAt(this.#server, path);
  }

  #follow(): void {
    const server = this.#server;
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

  /** Takes no more requests, and resolves when those under way are over or their time is. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const server = this.#server;
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
    const { identify, arrive } = this.#options;
    const limits = this.#limits;
    const nowMs = this.#nowMs();
    const arrival = arrive?.(request);
    const parts = { request, response, limits, identify, expectsContinue, nowMs, ...arrival };
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
      refuse("ZVM_HTTP_NOT_FOUND", "There is nothing at this path");
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
