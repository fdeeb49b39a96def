import { createHmac, randomBytes } from "node:crypto";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { deviceKey, type StorageHost } from "../placement/index.ts";
import { PartReader } from "./parts.ts";
import { REASON_HEADER } from "./reasons.ts";

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
  /** For the answer to begin. */
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

const CONNECT_MS_MAX = 3000;

/** Sends nodes to the object servers of a cluster. */
export class ObjectServers {
  readonly #secret: Buffer;
  readonly #agent = new Agent({ keepAlive: false });

  /** @param secret that the filters of all object servers know */
  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /**
   * Sends a node, and waits for the answer to begin.
   * @throws HostLost; the reason of the signal; what the body throws
   */
  async send(errand: NodeErrand): Promise<NodeReply> {
    const { host, body, timeoutMs, signal } = errand;
    signal.throwIfAborted();
    const path = `/${escaped(host.device)}/${errand.partition}${errand.path}`;
    const { ip, port } = host;
    const request = httpRequest({
      host: ip,
      port,
      path,
      method: "POST",
      agent: this.#agent,
      headers: this.#headers(path, errand),
    });
    const stop = (): void => void request.destroy();
    signal.addEventListener("abort", stop);
    const timer = setTimeout(() => request.destroy(new Error("it does not answer")), timeoutMs);
    const early = setTimeout(() => request.destroy(new Error("no connection")), CONNECT_MS_MAX);
    request.once("socket", (socket) => socket.once("connect", () => clearTimeout(early)));
    const own: { failure?: unknown } = {};
    try {
      const response = await this.#answer(request, () => watched(body(), own));
      return replyOf(response, () => signal.removeEventListener("abort", stop));
    } catch (cause) {
      signal.removeEventListener("abort", stop);
      signal.throwIfAborted();
      // What could not be brought here is no fault of the host.
      if (own.failure !== undefined) throw own.failure;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new HostLost(`${deviceKey(host)}: ${reason}`, { cause });
    } finally {
      clearTimeout(timer);
      clearTimeout(early);
    }
  }

  #answer(
    request: ReturnType<typeof httpRequest>,
    body: NodeErrand["body"],
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request.once("error", reject);
      request.once("response", (response) => {
        // What breaks off from now on shows where the answer is read.
        request.on("error", () => undefined);
        resolve(response);
      });
      request.once("continue", () => {
        pipeline(Readable.from(body()), request).catch((cause: unknown) => {
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
    };
  }
}

/** Bytes, and why they broke off if they did. */
async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  own: { failure?: unknown },
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    own.failure = error;
    throw error;
  }
}

function escaped(text: string): string {
  return encodeURIComponent(text);
}

function replyOf(response: IncomingMessage, over: () => void): NodeReply {
  const reason = response.headers[REASON_HEADER.toLowerCase()];
  response.once("close", over);
  // What breaks off shows to whoever reads; nobody else is told.
  response.on("error", () => undefined);
  return {
    status: response.statusCode ?? 0,
    reason: typeof reason === "string" ? reason : "",
    parts: new PartReader(response),
    close: () => void response.destroy(),
  };
}
