import { createHmac, randomBytes } from "node:crypto";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { StorageHost } from "../../placement/index.ts";
import { PartReader, REASON_HEADER } from "../orders/index.ts";
import { Patience } from "./patience.ts";

/** One session that an object server is to have run. */
export interface NodeErrand {
  readonly host: StorageHost;
  readonly partition: number;
  /** `/ACCOUNT/CONTAINER/OBJECT`, escaped; `/ACCOUNT` where it runs beside no object. */
  readonly path: string;
  readonly policy: number;
  /** What the object has to be; absent where there is none. */
  readonly object?: { readonly etag: string; readonly timestamp: string };
  readonly transaction: string;
  /** Asked for when the object server has found everything in order. */
  readonly body: () => AsyncIterable<Uint8Array>;
  /** Called when all of the body is on its way. */
  readonly sent?: () => void;
  /** For the answer to begin, once all was sent. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface NodeReply {
  readonly status: number;
  /** Of the filter or the worker, where there is no session. */
  readonly reason: string;
  readonly parts: PartReader;
  /** Nobody wants the rest. */
  close(): void;
}

/** An object server cannot be reached, or goes away in the middle. */
export class HostLost extends Error {}

/** How long a host may be silent before it counts as lost. */
export interface HostTimes {
  readonly connectMs: number;
  /** Until it takes the order, or refuses it: that of a disk and of a worker that is asked. */
  readonly beginMs: number;
  /** Between two pieces of an order that it reads, or of an answer that it gives. */
  readonly idleMs: number;
}

/** Silence on a connection after which the kernel asks whether the other one is there. */
const KEPT_ALIVE_MS = 10_000;

const STANDARD_TIMES: HostTimes = { connectMs: 3000, beginMs: 20_000, idleMs: 30_000 };

/** Sends nodes to the object servers of a cluster. */
export class ObjectServers {
  readonly #secret: Buffer;
  readonly #times: HostTimes;
  readonly #agent = new Agent({ keepAlive: false });

  /** @param secret that the filters of all object servers know */
  constructor(secret: Buffer, times: HostTimes = STANDARD_TIMES) {
    this.#secret = secret;
    this.#times = times;
  }

  /**
   * Sends a node, and waits for the answer to begin.
   * @throws HostLost; the reason of the signal; what the body throws, which is no fault of the host
   */
  async send(errand: NodeErrand): Promise<NodeReply> {
    const { host, signal } = errand;
    signal.throwIfAborted();
    const path = `/${encodeURIComponent(host.device)}/${errand.partition}${errand.path}`;
    const { ip, port } = host;
    const request = httpRequest({
      host: ip,
      port,
      path,
      method: "POST",
      agent: this.#agent,
      headers: this.#headers(path, errand),
    });
    const patience = new Patience((why) => request.destroy(new Error(why)));
    const stop = (): void => void request.destroy();
    signal.addEventListener("abort", stop);
    const over = (): void => {
      patience.end();
      signal.removeEventListener("abort", stop);
    };
    const order = new SentOrder(errand, patience, this.#times.idleMs);
    try {
      const response = await this.#answer(request, order, patience);
      return replyOf(response, patience, this.#times.idleMs, over);
    } catch (cause) {
      over();
      request.destroy();
      signal.throwIfAborted();
      if (order.failure !== undefined) throw order.failure;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new HostLost(reason, { cause });
    }
  }

  #answer(
    request: ReturnType<typeof httpRequest>,
    order: SentOrder,
    patience: Patience,
  ): Promise<IncomingMessage> {
    const { connectMs, beginMs } = this.#times;
    patience.within(connectMs, "no connection");
    request.once("socket", (socket) => {
      socket.once("connect", () => {
        // Where the host is gone nothing else says so while a session is waited for.
        socket.setKeepAlive(true, KEPT_ALIVE_MS);
        patience.within(beginMs, "it does not take the order");
      });
    });
    return new Promise((resolve, reject) => {
      request.once("error", reject);
      request.once("response", (response) => {
        // What breaks off from now on shows where the answer is read.
        request.on("error", () => undefined);
        order.isAnswered = true;
        resolve(response);
      });
      request.once("continue", () => {
        pipeline(Readable.from(order.bytes()), request).catch((cause: unknown) => {
          if (order.isAnswered) return;
          request.destroy(cause instanceof Error ? cause : new Error(String(cause)));
          reject(cause);
        });
      });
      request.flushHeaders();
    });
  }

  #headers(path: string, { object, policy, transaction }: NodeErrand): Record<string, string> {
    const { etag = "", timestamp = "" } = object ?? {};
    const seconds = String(Math.floor(Date.now() / 1000));
    const nonce = randomBytes(16).toString("hex");
    const signed = ["POST", path, seconds, nonce, etag, timestamp, String(policy), ""].join("\n");
    const hmac = createHmac("sha256", this.#secret).update(signed).digest("hex");
    return {
      "X-Backend-Zerocloud-Node": "1",
      "X-Backend-Zerocloud-Signature": `${seconds}.${nonce}.${hmac}`,
      ...(object !== undefined && {
        "X-Backend-Zerocloud-Etag": etag,
        "X-Backend-Zerocloud-Timestamp": timestamp,
      }),
      "X-Backend-Storage-Policy-Index": String(policy),
      "X-Backend-Zerocloud-Transaction": transaction,
      "Content-Type": "application/octet-stream",
      "Transfer-Encoding": "chunked",
      Expect: "100-continue",
      // Else it would close a connection on which more of an order comes than it wants, and its
      // answer would be lost with that. It is closed when the answer is here.
      Connection: "keep-alive",
    };
  }
}

/** An order on its way, which a host has to go on reading. */
class SentOrder {
  /** Why its bytes could not be had. */
  failure: unknown;
  /** From then on nobody wants more of it. */
  isAnswered = false;
  readonly #errand: NodeErrand;
  readonly #patience: Patience;
  readonly #idleMs: number;

  constructor(errand: NodeErrand, patience: Patience, idleMs: number) {
    this.#errand = errand;
    this.#patience = patience;
    this.#idleMs = idleMs;
  }

  async *bytes(): AsyncGenerator<Uint8Array, void> {
    const { body, sent, timeoutMs } = this.#errand;
    try {
      for await (const piece of body()) {
        if (this.isAnswered) return;
        this.#patience.within(this.#idleMs, "it does not read the order on");
        yield piece;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
    this.#patience.within(timeoutMs, "it does not answer");
    sent?.();
  }
}

function replyOf(
  response: IncomingMessage,
  patience: Patience,
  idleMs: number,
  over: () => void,
): NodeReply {
  const reason = response.headers[REASON_HEADER.toLowerCase()];
  response.once("close", over);
  // What breaks off shows to whoever reads; nobody else is told.
  response.on("error", () => undefined);
  return {
    status: response.statusCode ?? 0,
    reason: typeof reason === "string" ? reason : "",
    parts: new PartReader(steady(response, patience, idleMs)),
    close: () => void response.destroy(),
  };
}

/** The pieces of an answer, which must not stop in the middle. */
async function* steady(
  response: IncomingMessage,
  patience: Patience,
  idleMs: number,
): AsyncGenerator<Uint8Array, void> {
  const wait = (): void => patience.within(idleMs, "its answer stops in the middle");
  wait();
  try {
    for await (const piece of response) {
      yield piece as Uint8Array;
      wait();
    }
  } catch (cause) {
    throw patience.passed === undefined ? cause : new Error(patience.passed, { cause });
  }
}
