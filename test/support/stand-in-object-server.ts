/** For tests: an object server of `stand-in-swift.ts`, with what our filter in it does. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { connectTo, sendMessage } from "../../src/zerovm/libc/index.ts";

export interface StoredObject {
  readonly bytes: Buffer;
  readonly type: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly timestamp: string;
}

export interface SwiftReply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** What an object server did for one node, or a set of them. */
export interface Errand {
  readonly server: number;
  /** `here` where it handed a descriptor on, else why it turned the node away. */
  readonly what: "here" | "nothing" | "stale" | "absent" | "stream" | "unsigned" | "down";
  readonly sentBytes: number;
}

/** What an object server knows of its cluster. */
export interface ObjectServerParts {
  readonly folder: string;
  readonly workerSockets: readonly string[];
  readonly secret: string;
  /** By `/ACCOUNT/CONTAINER/OBJECT`. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** Objects whose file does not hold their bytes. */
  readonly notInPlace: ReadonlySet<string>;
  /** Old versions of objects on some servers: `SERVER PATH`. */
  readonly old: ReadonlyMap<string, StoredObject>;
  /** Servers that end connections at once. */
  readonly down: ReadonlySet<number>;
  /** Servers that take what comes, and answer nothing. */
  readonly silent: ReadonlySet<number>;
  /** Servers whose objects are in no files that could be handed on. */
  readonly withoutFiles: ReadonlySet<number>;
  readonly errands: Errand[];
}

const SEND_MS = 1000;
const HEAD = "x-backend-zerocloud-";

export class StandInObjectServer {
  readonly #at: number;
  readonly #parts: ObjectServerParts;

  constructor(at: number, parts: ObjectServerParts) {
    this.#at = at;
    this.#parts = parts;
  }

  async serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const at = this.#at;
    const isPulse = String(incoming.headers[`${HEAD}transaction`]).startsWith("pulse/");
    const tell = (what: Errand["what"], sentBytes = 0): void => {
      if (!isPulse) this.#parts.errands.push({ server: at, what, sentBytes });
    };
    if (this.#parts.down.has(at)) {
      tell("down");
      incoming.socket.destroy();
      return;
    }
    if (!this.#isSigned(incoming)) {
      tell("unsigned");
      answer.writeHead(401).end();
      return;
    }
    const [, , , account, container, ...rest] = decodeURIComponent(incoming.url ?? "").split("/");
    const path =
      container === undefined ? undefined : `/${[account, container, ...rest].join("/")}`;
    const found = path && (this.#parts.old.get(`${at} ${path}`) ?? this.#parts.objects.get(path));
    const refusal =
      path === undefined ? undefined : this.#refusal(path, found || undefined, incoming);
    if (refusal !== undefined) {
      tell(refusal[1]);
      answer.writeHead(refusal[0], { "X-Backend-Zerocloud-Reason": refusal[1] }).end();
      return;
    }
    const sentBytes = await this.#hand(found || undefined, incoming, answer);
    tell(found ? "here" : "nothing", sentBytes);
  }

  #refusal(
    path: string,
    found: StoredObject | undefined,
    { headers }: IncomingMessage,
  ): [number, "absent" | "stream" | "stale"] | undefined {
    if (found === undefined) return [404, "absent"];
    if (this.#parts.notInPlace.has(path)) return [409, "stream"];
    const isSame =
      headers[`${HEAD}etag`] === md5(found.bytes) &&
      headers[`${HEAD}timestamp`] === found.timestamp;
    return isSame ? undefined : [412, "stale"];
  }

  #isSigned({ headers, url = "" }: IncomingMessage): boolean {
    const value = (name: string): string => String(headers[name] ?? "");
    const [seconds, nonce, hmac] = value(`${HEAD}signature`).split(".");
    const object = [value(`${HEAD}etag`), value(`${HEAD}timestamp`)];
    const policy = value("x-backend-storage-policy-index");
    const signed = ["POST", url, seconds, nonce, ...object, policy, ""].join("\n");
    return createHmac("sha256", this.#parts.secret).update(signed).digest("hex") === hmac;
  }

  /** Hands the file of an object to a worker, and passes on. @returns bytes that were sent on */
  async #hand(
    found: StoredObject | undefined,
    incoming: IncomingMessage,
    answer: ServerResponse,
  ): Promise<number> {
    const asPart = found !== undefined && this.#parts.withoutFiles.has(this.#at);
    const fds = found === undefined || asPart ? [] : [this.#fileOf(found)];
    const fd = connectTo(this.#parts.workerSockets[this.#at] ?? "");
    sendMessage(fd, Buffer.from("zerocloud-node 1"), fds, SEND_MS);
    for (const one of fds) closeSync(one);
    const local = asPart ? "body" : "descriptor";
    const headers = {
      "Transfer-Encoding": "chunked",
      Expect: "100-continue",
      "X-Zerocloud-Local": local,
      "X-Zerocloud-Transaction": String(incoming.headers[`${HEAD}transaction`]),
    };
    const socket = new Socket({ fd });
    const asked = request({
      createConnection: () => socket,
      method: "POST",
      path: "/run",
      headers,
    });
    incoming.socket.once("close", () => socket.destroy());
    let sentBytes = 0;
    asked.once("continue", () => {
      answer.writeContinue();
      incoming.on("data", (piece: Buffer) => {
        sentBytes += piece.length;
        asked.write(piece);
      });
      incoming.once("end", () => {
        if (asPart) asked.write(partOf(found.bytes));
        asked.end();
      });
    });
    asked.flushHeaders();
    const { status, headers: told, body } = await replyTo(asked);
    if (this.#parts.silent.has(this.#at)) return sentBytes;
    const reason = told["x-backend-zerocloud-reason"];
    answer.writeHead(status, reason === undefined ? {} : { "X-Backend-Zerocloud-Reason": reason });
    answer.end(body);
    return sentBytes;
  }

  /** Nobody finds the file again by its name. */
  #fileOf({ bytes }: StoredObject): number {
    const path = join(this.#parts.folder, randomBytes(8).toString("hex"));
    writeFileSync(path, bytes);
    const fd = openSync(path, "r");
    rmSync(path);
    return fd;
  }
}

const BLOCK_BYTES = 64 * 1024;

/** Bytes as one part. */
function partOf(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(block.length);
    blocks.push(head, block);
  }
  return Buffer.concat([...blocks, Buffer.alloc(4)]);
}

export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

export async function replyTo(asked: ClientRequest): Promise<SwiftReply> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once("response", resolve);
    asked.once("error", reject);
  });
  const body = await buffer(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
