/**
 * For tests: what a coordinator and workers see of a cluster of Swift, out of memory. It has one
 * object server for each worker, speaks as the two filters do, and knows no rights.
 */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
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

/** What an object server did for one node. */
export interface Errand {
  readonly server: number;
  /** `here` where it handed a descriptor on, else why it turned the node away. */
  readonly what: "here" | "nothing" | "stale" | "absent" | "stream" | "unsigned" | "down";
  readonly sentBytes: number;
}

export interface StandInOptions {
  readonly folder: string;
  readonly coordinatorSocket: string;
  readonly workerSockets: readonly string[];
  readonly secret: string;
}

const SEND_MS = 1000;
const HEAD = "x-backend-zerocloud-";

export class StandInSwift {
  /** By `/ACCOUNT/CONTAINER/OBJECT`. */
  readonly objects = new Map<string, StoredObject>();
  readonly containers = new Set<string>();
  readonly errands: Errand[] = [];
  /** Objects whose file does not hold their bytes. */
  readonly notInPlace = new Set<string>();
  /** Old versions of objects on some servers: `SERVER PATH`. */
  readonly old = new Map<string, StoredObject>();
  /** Object servers that end connections at once. */
  readonly down = new Set<number>();
  readonly #options: StandInOptions;
  readonly #servers: Server[] = [];
  #clock = 1_800_000_000;

  private constructor(options: StandInOptions) {
    this.#options = options;
  }

  static async start(options: StandInOptions): Promise<StandInSwift> {
    const made = new StandInSwift(options);
    for (const at of options.workerSockets.keys()) {
      const server = createServer();
      const serve = (incoming: IncomingMessage, answer: ServerResponse): void => {
        void made.#node(at, incoming, answer).catch(() => answer.destroy());
      };
      server.on("checkContinue", serve).on("request", serve);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      made.#servers.push(server);
    }
    return made;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  put(path: string, bytes: string | Uint8Array, type = "application/octet-stream"): void {
    this.containers.add(path.split("/").slice(0, 3).join("/"));
    this.#clock += 1;
    const timestamp = `${this.#clock}.00000`;
    this.objects.set(path, { bytes: Buffer.from(bytes), type, meta: {}, timestamp });
  }

  /** A request of a client, as the filter of the proxy passes it on. */
  async ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body: string | Uint8Array = "",
  ): Promise<SwiftReply> {
    const name = randomBytes(16).toString("hex");
    const calls = request({ ...this.#at(), path: `/calls/${name}` });
    calls.once("response", (lines) => {
      createInterface({ input: lines }).on("line", (line) => void this.#call(name, line));
    });
    calls.on("error", () => undefined).end();
    const own = {
      Host: "stand-in",
      "X-Backend-Zerocloud-Request": name,
      "X-Backend-Zerocloud-User": "a:me",
      "X-Backend-Zerocloud-Transaction": `tx${name.slice(0, 8)}`,
      ...(body.length > 0 && { Expect: "100-continue", "Content-Length": body.length }),
    };
    const asked = request({ ...this.#at(), method, path, headers: { ...headers, ...own } });
    asked.once("continue", () => asked.end(body));
    if (body.length === 0) asked.end();
    else asked.flushHeaders();
    return await replyTo(asked);
  }

  #at() {
    return { socketPath: this.#options.coordinatorSocket };
  }

  async #call(name: string, line: string): Promise<void> {
    const call: Call = JSON.parse(line);
    const { head, body = Buffer.alloc(0) } = await this.#perform(name, call);
    const path = `/answers/${name}/${call.id}`;
    const answer = request({ ...this.#at(), method: "POST", path });
    answer.on("error", () => undefined).on("response", (response) => response.resume());
    answer.end(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]));
  }

  async #perform(name: string, call: Call): Promise<{ head: unknown; body?: Buffer }> {
    switch (call.op) {
      case "authorize":
        return { head: { status: 200, owner: true } };
      case "container": {
        const isThere = this.containers.has(`/${call.account}/${call.container}`);
        const acls = { read: "", write: "" };
        return { head: { status: isThere ? 204 : 404, acls, headers: {}, policy: 0 } };
      }
      case "locate": {
        const nodes = this.#servers.map((server, at) => {
          const { port } = server.address() as AddressInfo;
          return { ip: "127.0.0.1", port, device: `d${at}`, region: 1, zone: at };
        });
        return { head: { partition: 7, nodes } };
      }
      default:
        return await this.#subrequest(name, call);
    }
  }

  async #subrequest(name: string, call: Call): Promise<{ head: unknown; body?: Buffer }> {
    const path = decodeURIComponent(call.path ?? "").replace(/^\/v1/, "");
    if (call.method === "PUT") {
      const from = `/bodies/${name}/${call.id}`;
      const asked = request({ ...this.#at(), path: from });
      asked.end();
      const sent = "sends" in call ? (await replyTo(asked)).body : Buffer.alloc(0);
      this.put(path, sent, call.headers?.["Content-Type"]);
      return { head: { status: 201, headers: [["Etag", md5(sent)]] } };
    }
    const found = this.objects.get(path);
    if (found !== undefined) {
      const body = call.method === "HEAD" ? Buffer.alloc(0) : found.bytes;
      return { head: { status: 200, headers: headersOf(found) }, body };
    }
    const isContainer = this.containers.has(path);
    return isContainer ? this.#listing(path, call.query ?? "") : { head: { status: 404 } };
  }

  #listing(container: string, query: string): { head: unknown; body: Buffer } {
    const { prefix = "", marker = "" } = Object.fromEntries(new URLSearchParams(query));
    const names = [...this.objects.keys()]
      .filter((path) => path.startsWith(`${container}/`))
      .map((path) => path.slice(container.length + 1))
      .filter((name) => name.startsWith(prefix) && name > marker)
      .sort();
    const body = Buffer.from(JSON.stringify(names.map((name) => ({ name }))));
    return { head: { status: 200, headers: [] }, body };
  }

  /** The filter of an object server. */
  async #node(at: number, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const tell = (what: Errand["what"], sentBytes = 0): void => {
      this.errands.push({ server: at, what, sentBytes });
    };
    if (this.down.has(at)) {
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
    const found = path && (this.old.get(`${at} ${path}`) ?? this.objects.get(path));
    const refusal =
      path === undefined ? undefined : this.#refusal(path, found || undefined, incoming);
    if (refusal !== undefined) {
      tell(refusal[1]);
      answer.writeHead(refusal[0], { "X-Backend-Zerocloud-Reason": refusal[1] }).end();
      return;
    }
    const sentBytes = await this.#hand(at, found || undefined, incoming, answer);
    tell(found ? "here" : "nothing", sentBytes);
  }

  #refusal(
    path: string,
    found: StoredObject | undefined,
    { headers }: IncomingMessage,
  ): [number, "absent" | "stream" | "stale"] | undefined {
    if (found === undefined) return [404, "absent"];
    if (this.notInPlace.has(path)) return [409, "stream"];
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
    return createHmac("sha256", this.#options.secret).update(signed).digest("hex") === hmac;
  }

  /** Hands the file of an object to a worker, and passes on. @returns bytes that were sent on */
  async #hand(
    at: number,
    found: StoredObject | undefined,
    incoming: IncomingMessage,
    answer: ServerResponse,
  ): Promise<number> {
    const fds = found === undefined ? [] : [this.#fileOf(found)];
    const fd = connectTo(this.#options.workerSockets[at] ?? "");
    sendMessage(fd, Buffer.from("zerocloud-node 1"), fds, SEND_MS);
    for (const one of fds) closeSync(one);
    const headers = { "Transfer-Encoding": "chunked", Expect: "100-continue" };
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
      incoming.once("end", () => asked.end());
    });
    asked.flushHeaders();
    const { status, headers: told, body } = await replyTo(asked);
    const reason = told["x-backend-zerocloud-reason"];
    answer.writeHead(status, reason === undefined ? {} : { "X-Backend-Zerocloud-Reason": reason });
    answer.end(body);
    return sentBytes;
  }

  /** Nobody finds the file again by its name. */
  #fileOf({ bytes }: StoredObject): number {
    const path = join(this.#options.folder, randomBytes(8).toString("hex"));
    writeFileSync(path, bytes);
    const fd = openSync(path, "r");
    rmSync(path);
    return fd;
  }
}

interface Call {
  readonly id: string;
  readonly op: string;
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly account?: string;
  readonly container?: string;
}

function headersOf({ bytes, type, meta, timestamp }: StoredObject): [string, string][] {
  const named = Object.entries(meta).map(([name, value]): [string, string] => {
    return [`X-Object-Meta-${name}`, value];
  });
  return [
    ["Content-Length", String(bytes.length)],
    ["Content-Type", type],
    ["Etag", md5(bytes)],
    ["X-Timestamp", timestamp],
    ...named,
  ];
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

async function replyTo(asked: ReturnType<typeof request>): Promise<SwiftReply> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once("response", resolve);
    asked.once("error", reject);
  });
  const body = await buffer(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
