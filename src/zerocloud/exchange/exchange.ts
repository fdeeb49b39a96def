import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Identity } from "../access/index.ts";
import { bodyOf, discardBody, wholeBody } from "./body.ts";
import { headerValue, textOfLatin1 } from "./header-text.ts";
import type { HttpLimits } from "./limits.ts";
import { decodePath, Query } from "./query.ts";
import { refusalBody, refusalOf, refuse } from "./refusal.ts";
import { endAnswer, piecesOf, sendPieces } from "./send.ts";

/** Who sent a request; `unknown` for somebody without a valid token. */
export type Identify = (exchange: Exchange) => Promise<Identity | "unknown">;

/** Values of headers; one that comes several times has a list. */
export type Headers = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Bytes of an answer; the head goes out with the first of them. */
export type Pieces = AsyncIterable<Uint8Array>;

/** A request and the answer to it. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly limits: HttpLimits;
  /** Its name in answers and logs. */
  readonly transaction: string;
  readonly startedMs: number;
  /** Address of whoever sent it; undefined where the connection is gone. */
  readonly client: string | undefined;
  /** Path and query as they came, Latin-1 and escaped. */
  readonly target: string;
  /** The path of these. */
  readonly rawPath: string;
  /** What stands behind the `?`. */
  readonly rawQuery: string;
  /** Of bodies, so far. */
  receivedBytes = 0;
  sentBytes = 0;
  /** Id of the job that the request brought, for the log. */
  job: string | undefined;
  /** Who asks, as soon as somebody wanted to know, for the log. */
  sender: Identity | "unknown" | undefined;
  /** What failed, for the log. */
  failure: unknown;
  /** Headers that every answer to this request gets, whoever makes it. */
  readonly extraHeaders: Record<string, string> = {};
  /** Headers that pages of other origins may read beside metadata, where they may read any. */
  exposed: readonly string[] | undefined;
  readonly #identify: Identify;
  readonly #expectsContinue: boolean;
  #identity: Promise<Identity | "unknown"> | undefined;
  #query: Query | undefined;
  #wantsBody = false;

  constructor(parts: ExchangeParts) {
    const { request } = parts;
    this.request = request;
    this.response = parts.response;
    this.limits = parts.limits;
    this.#identify = parts.identify;
    this.#expectsContinue = parts.expectsContinue;
    this.startedMs = parts.nowMs;
    this.transaction = parts.transaction ?? newTransaction(parts.nowMs);
    this.client = parts.client ?? request.socket.remoteAddress;
    this.target = parts.target ?? request.url ?? "";
    // A proxy may be asked with a whole URL; the host in it is nothing to us.
    const url = this.target.replace(/^https?:\/\/[^/?]*/i, "");
    const cut = url.indexOf("?");
    this.rawPath = cut < 0 ? url : url.slice(0, cut);
    this.rawQuery = cut < 0 ? "" : url.slice(cut + 1);
  }

  get method(): string {
    return this.request.method ?? "";
  }

  /** The decoded path. @throws ZvmError ZVM_HTTP_PRECONDITION where it is no UTF-8 */
  get path(): string {
    return decodePath(this.rawPath);
  }

  /** @throws ZvmError ZVM_HTTP_PRECONDITION where a parameter is no UTF-8 */
  get query(): Query {
    this.#query ??= new Query(this.rawQuery);
    return this.#query;
  }

  /** Who asks; found out once. */
  async identity(): Promise<Identity | "unknown"> {
    this.#identity ??= this.#identify(this);
    this.sender = await this.#identity;
    return this.sender;
  }

  /** A header as text. @throws ZvmError ZVM_HTTP_REQUEST where it is no UTF-8 */
  header(name: string): string | undefined {
    const value = this.request.headers[name];
    const latin1 = Array.isArray(value) ? value.join(", ") : value;
    if (latin1 === undefined) return undefined;
    return textOfLatin1(latin1) ?? refuse("ZVM_HTTP_REQUEST", `The header ${name} is no UTF-8`);
  }

  /** Headers whose names begin so, by the rest of their names. @throws as `header` */
  headersWith(prefix: string): Record<string, string> {
    const names = Object.keys(this.request.headers).filter((name) => name.startsWith(prefix));
    return Object.fromEntries(
      names.map((name) => [name.slice(prefix.length), this.header(name) ?? ""]),
    );
  }

  /** Whether the request announces a body, be it empty. */
  get hasBody(): boolean {
    const { headers } = this.request;
    return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  }

  /** Bytes announced; undefined for a chunked body, and where there is none. */
  get bodyBytes(): number | undefined {
    const length = this.request.headers["content-length"];
    return length === undefined ? undefined : Number(length);
  }

  /**
   * The body. Whoever expects `100 Continue` is told to send it when its first piece is asked for.
   * @throws ZvmError ZVM_HTTP_TIMEOUT, or ZVM_STORE_UPLOAD where the client goes away
   */
  async *body(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#expectsContinue && !this.#wantsBody) this.response.writeContinue();
    this.#wantsBody = true;
    for await (const piece of bodyOf(this.request, this.limits.clientMs)) {
      this.receivedBytes += piece.length;
      yield piece;
    }
  }

  /** The body in memory. @throws ZvmError ZVM_HTTP_TOO_LARGE, and as `body` */
  async wholeBody(most: { readonly bytes: number; readonly of: string }): Promise<Buffer> {
    return await wholeBody(this.body(), most);
  }

  get isAnswered(): boolean {
    return this.response.headersSent;
  }

  /**
   * Answers with a text or bytes; HEAD gets the same head without them.
   * @throws ZvmError ZVM_HTTP_GONE, _TIMEOUT where the client does not take them
   */
  async answer(status: number, headers: Headers = {}, body: string | Buffer = ""): Promise<void> {
    const bytes = Buffer.from(body);
    const isBodiless = status === 204 || status === 304;
    this.#writeHead(status, {
      ...(isBodiless ? {} : { "Content-Length": bytes.length }),
      ...headers,
    });
    if (!isBodiless && this.method !== "HEAD" && bytes.length > 0) {
      this.sentBytes += bytes.length;
      await sendPieces(this.response, piecesOf(bytes), this.limits.clientMs);
    }
    await this.#end();
  }

  /**
   * Answers with bytes from elsewhere, as fast as the client takes them.
   * @throws what `pieces` throws, and ZVM_HTTP_GONE, _TIMEOUT; the head is out then
   */
  async stream(status: number, headers: Headers, pieces: Pieces): Promise<void> {
    const iterator = pieces[Symbol.asyncIterator]();
    try {
      const first = this.method === "HEAD" ? undefined : await iterator.next();
      this.#writeHead(status, headers);
      if (first !== undefined) {
        await sendPieces(this.response, this.#counted(first, iterator), this.limits.clientMs);
      }
    } finally {
      await iterator.return?.();
    }
    await this.#end();
  }

  /** Answers to a failure; where the head is out already, only the connection can tell of it. */
  async fail(cause: unknown): Promise<void> {
    this.failure = cause;
    if (this.isAnswered || this.response.destroyed) {
      this.response.destroy();
      return;
    }
    const refusal = refusalOf(cause);
    const headers = {
      "Content-Type": "text/plain; charset=utf-8",
      ...(refusal.retryAfterSeconds === undefined
        ? {}
        : { "Retry-After": refusal.retryAfterSeconds }),
      ...(refusal.status === 401 ? { "WWW-Authenticate": `Swift realm="${this.#realm}"` } : {}),
    };
    await this.answer(refusal.status, headers, refusalBody(refusal, this.transaction));
  }

  async *#counted(
    first: IteratorResult<Uint8Array>,
    rest: AsyncIterator<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for (let next = first; next.done !== true; next = await rest.next()) {
      this.sentBytes += next.value.length;
      yield next.value;
    }
  }

  #writeHead(status: number, headers: Headers): void {
    const { response } = this;
    const named = { ...headers, ...this.extraHeaders, ...nameHeaders(this.transaction) };
    for (const [name, value] of Object.entries(named)) {
      if (value !== undefined) response.setHeader(name, sentValue(value));
    }
    if (this.exposed !== undefined) {
      const metadata = response.getHeaderNames().filter((name) => META.test(name));
      const all = [...new Set([...this.exposed, ...metadata])].join(", ");
      response.setHeader("Access-Control-Expose-Headers", headerValue(all));
    }
    if (this.#hasRest) response.setHeader("Connection", "close");
    response.writeHead(status);
  }

  /** The account that somebody has to sign in to, as far as the path names one. */
  get #realm(): string {
    return /^\/v1(?:\.0)?\/([\w.~%-]+)/.exec(this.rawPath)?.[1] ?? "unknown";
  }

  /** Whether there is, or may come, more of the body than anybody read. */
  get #hasRest(): boolean {
    return this.hasBody && this.bodyBytes !== 0 && !this.request.readableEnded;
  }

  async #end(): Promise<void> {
    const { request, response, limits } = this;
    // Who waits for `100 Continue` sends nothing now.
    if (this.#hasRest && (!this.#expectsContinue || this.#wantsBody)) {
      response.flushHeaders();
      await discardBody(request, { bytes: limits.discardBytes, ms: limits.discardMs });
    }
    await endAnswer(response, limits.clientMs);
  }
}

const META = /^x-(?:container|object)-meta-/;

function sentValue(value: string | number | readonly string[]): string | string[] {
  return typeof value === "object" ? value.map(headerValue) : headerValue(String(value));
}

export interface ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly limits: HttpLimits;
  readonly identify: Identify;
  /** It came with `Expect: 100-continue`. */
  readonly expectsContinue: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Its name, where somebody before us gave it one. */
  readonly transaction?: string;
  /** Address of the client, where the connection is that of somebody in between. */
  readonly client?: string;
  /** Path and query, where the request line has others. */
  readonly target?: string;
}

/** The headers that name a transaction. */
export function nameHeaders(transaction: string): Record<string, string> {
  return { "X-Trans-Id": transaction, "X-Openstack-Request-Id": transaction };
}

/** A name in Swift's form: 21 random digits, and the seconds since 1970. */
export function newTransaction(nowMs: number): string {
  const digits = randomBytes(11).toString("hex").slice(0, 21);
  return `tx${digits}-${Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(10, "0")}`;
}
