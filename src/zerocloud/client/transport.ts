import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import { urlToHttpOptions } from "node:url";
import { ZvmError } from "../../base/index.ts";
import { type FailedRequest, unreachable } from "./service-error.ts";

export type Headers = Readonly<Record<string, string>>;

/** What is sent: bytes, or pieces that are made anew for each attempt. */
export type Payload =
  | Uint8Array
  | { readonly sizeBytes?: number; read(): AsyncIterable<Uint8Array> };

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers?: Headers;
  readonly body?: Payload;
  readonly signal?: AbortSignal | undefined;
}

/** The head of an answer; its body is read once, or released. */
export interface Answer {
  readonly status: number;
  /** Names in lower case; several of one name are joined with `, `. */
  readonly headers: Headers;
  readonly body: IncomingMessage;
}

export interface TransportOptions {
  /** For the connection, and between two pieces of an answer. */
  readonly timeoutMs: number;
}

/** Sends requests of HTTP over connections that are kept. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #agents = new Map<Scheme, Agent>();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** Closes the connections that nobody uses. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  /**
   * @returns the head of the answer as soon as it is there, also while the body is still sent
   * @throws ServiceError ZVM_CLIENT_CONNECTION without an answer; the reason of the signal
   */
  async send(exchange: Exchange): Promise<Answer> {
    exchange.signal?.throwIfAborted();
    const failed: FailedRequest = { method: exchange.method, url: exchange.url };
    try {
      const message = await this.#begin(exchange);
      return { status: message.statusCode ?? 0, headers: headersOf(message), body: message };
    } catch (cause) {
      exchange.signal?.throwIfAborted();
      if (cause instanceof ZvmError) throw cause;
      throw unreachable(failed, cause);
    }
  }

  #begin({ method, url, headers = {}, body, signal }: Exchange): Promise<IncomingMessage> {
    const target = parseAddress(url);
    const scheme: Scheme = target.protocol === "https:" ? "node:https" : "node:http";
    const { request, Agent } = moduleOf(scheme);
    const agent = this.#agents.get(scheme) ?? new Agent({ keepAlive: true });
    this.#agents.set(scheme, agent);
    const size = body instanceof Uint8Array ? body.length : body?.sizeBytes;
    const sized = size === undefined ? {} : { "Content-Length": String(size) };
    const none = body === undefined && method !== "GET" && method !== "HEAD";
    return new Promise((resolve, reject) => {
      const outgoing = request({
        ...urlToHttpOptions(target),
        path: pathOf(url),
        method,
        agent,
        headers: { ...headers, ...sized, ...(none && { "Content-Length": "0" }) },
        timeout: this.#options.timeoutMs,
        ...(signal !== undefined && { signal }),
      });
      outgoing.on("timeout", () => {
        const seconds = this.#options.timeoutMs / 1000;
        outgoing.destroy(new Error(`nothing was heard for ${seconds} seconds`));
      });
      outgoing.on("error", reject);
      outgoing.on("response", resolve);
      void send(outgoing, body).catch((cause: unknown) => {
        outgoing.destroy(cause instanceof Error ? cause : new Error(String(cause)));
        reject(cause);
      });
    });
  }
}

type Scheme = "node:http" | "node:https";

/** Loaded when they are needed: a program that only imports the library waits for neither. */
function moduleOf(scheme: Scheme): Pick<typeof import("node:http"), "request" | "Agent"> {
  return scheme === "node:https"
    ? process.getBuiltinModule("node:https")
    : process.getBuiltinModule("node:http");
}

/** Writes the body at the speed at which it is taken; an answer that comes before ends that. */
async function send(outgoing: ClientRequest, body: Payload | undefined): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    outgoing.end(body);
    return;
  }
  for await (const piece of body.read()) {
    if (outgoing.destroyed) return;
    if (outgoing.write(piece)) continue;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const name of ["drain", "close", "error"]) outgoing.off(name, done);
        resolve();
      };
      for (const name of ["drain", "close", "error"]) outgoing.on(name, done);
    });
  }
  outgoing.end();
}

function parseAddress(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol === "http:" || target?.protocol === "https:") return target;
  throw new ZvmError("ZVM_USAGE", `${JSON.stringify(url)} is no http:// or https:// URL`);
}

/** Path and query as they were given: a URL object takes `..` for a way up, names do not. */
function pathOf(url: string): string {
  const path = /^[^:]*:\/\/[^/?#]*([^#]*)/.exec(url)?.[1] ?? "";
  const escaped = path.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
  return escaped.startsWith("/") ? escaped : `/${escaped}`;
}

function headersOf(message: IncomingMessage): Headers {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    // Node reads bytes as Latin-1; servers of this kind send UTF-8.
    if (values !== undefined) headers[name] = Buffer.from(values.join(", "), "latin1").toString();
  }
  return headers;
}

/** Reads a whole body, up to so many bytes; more are an error. */
export async function readAll(answer: Answer, bytesMax: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    sizeBytes += piece.length;
    if (sizeBytes > bytesMax) {
      answer.body.destroy();
      throw new ZvmError("ZVM_CLIENT_ANSWER", `An answer has more than ${bytesMax} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
