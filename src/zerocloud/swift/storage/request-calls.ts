import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isObject, ZvmError } from "../../../base/index.ts";
import { wireError } from "../orders/index.ts";
import { takeLine } from "./line-head.ts";

/** What the coordinator asks of the filter, in the name of one request. */
export interface Call {
  readonly op: "request" | "authorize" | "container" | "locate";
  readonly [field: string]: unknown;
}

export type CallBody = AsyncIterable<Uint8Array>;

/** What the filter says. The body has to be read to its end, or begun and left. */
export interface CallAnswer {
  readonly head: Readonly<Record<string, unknown>>;
  readonly body: AsyncGenerator<Uint8Array, void>;
}

interface Pending {
  readonly body: CallBody | undefined;
  readonly resolve: (answer: CallAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** As many as the filter has threads for a request. */
const CALLS_MAX = 16;
const ATTACH_MS_MAX = 10_000;

/** The calls of one request: lines to its filter, which answers each on a connection of its own. */
export class RequestCalls {
  readonly #pending = new Map<string, Pending>();
  readonly #waiting: (() => void)[] = [];
  #lines: ServerResponse | undefined;
  #attached: () => void = () => undefined;
  readonly #attaching: Promise<void>;
  #isEnded = false;
  #inFlight = 0;
  #last = 0;

  constructor() {
    this.#attaching = new Promise((resolve) => {
      this.#attached = resolve;
    });
    const late = setTimeout(() => this.#attached(), ATTACH_MS_MAX);
    void this.#attaching.then(() => clearTimeout(late));
  }

  /** The filter listens; when it goes away all that waits for it fails. */
  attach(lines: ServerResponse): void {
    lines.writeHead(200, { "Content-Type": "application/x-ndjson" });
    lines.flushHeaders();
    lines.once("close", () => this.end());
    this.#lines = lines;
    if (this.#isEnded) lines.end();
    this.#attached();
  }

  /**
   * Asks the filter for something.
   * @param body what it is to send on
   * @throws ZvmError ZVM_SWIFT_WIRE where it goes away, or does not answer as it should
   */
  async call(call: Call, body?: CallBody): Promise<CallAnswer> {
    await this.#enter();
    let isOver = false;
    const leave = (): void => {
      if (!isOver) this.#leave();
      isOver = true;
    };
    try {
      const answer = await this.#ask(call, body);
      return { head: answer.head, body: leaving(answer.body, leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Takes the answer to a call, as the filter sends it. */
  async answered(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending === undefined) {
      response.writeHead(404, { Connection: "close" }).end();
      return;
    }
    try {
      const { line, rest } = await takeLine(request);
      const head: unknown = JSON.parse(line);
      if (!isObject(head)) throw wireError("the head of an answer is no object");
      pending.resolve({ head, body: answering(rest, response) });
    } catch (cause) {
      response.destroy();
      pending.reject(cause instanceof ZvmError ? cause : wireError("an answer has no head", cause));
    }
  }

  /** Sends the filter what a call is to send on. */
  async sendBody(id: string, response: ServerResponse): Promise<void> {
    const body = this.#pending.get(id)?.body;
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": "application/octet-stream" });
    // One that breaks off is seen as such by the filter.
    await pipeline(Readable.from(body), response).catch(() => response.destroy());
  }

  /** Nobody asks any more. */
  end(): void {
    this.#isEnded = true;
    this.#lines?.end();
    this.#attached();
    for (const { reject } of this.#pending.values()) reject(gone());
    this.#pending.clear();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #ask(call: Call, body: CallBody | undefined): Promise<CallAnswer> {
    await this.#attaching;
    const lines = this.#lines;
    if (lines === undefined || this.#isEnded) throw gone();
    this.#last += 1;
    const id = String(this.#last);
    return await new Promise<CallAnswer>((resolve, reject) => {
      this.#pending.set(id, { body, resolve, reject });
      lines.write(`${JSON.stringify({ id, ...call })}\n`);
    });
  }

  async #enter(): Promise<void> {
    while (this.#inFlight >= CALLS_MAX && !this.#isEnded) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#inFlight += 1;
  }

  #leave(): void {
    this.#inFlight -= 1;
    this.#waiting.shift()?.();
  }
}

function gone(): ZvmError {
  return wireError("the proxy that brought the request went away");
}

/** Tells the filter that the answer was taken, or that nobody wants the rest. */
async function* answering(
  rest: AsyncGenerator<Uint8Array, void>,
  response: ServerResponse,
): AsyncGenerator<Uint8Array, void> {
  let isWhole = false;
  try {
    yield* rest;
    isWhole = true;
  } finally {
    if (isWhole) response.writeHead(204).end();
    else response.destroy();
  }
}

async function* leaving(
  body: AsyncGenerator<Uint8Array, void>,
  leave: () => void,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* body;
  } finally {
    leave();
  }
}
