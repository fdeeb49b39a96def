/**
 * For tests: what a coordinator and workers see of a cluster of Swift, out of memory. It has one
 * object server for each worker, speaks as the two filters do, and knows no rights.
 */
import { randomBytes } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import {
  type Errand,
  md5,
  replyTo,
  StandInObjectServer,
  type StoredObject,
  type SwiftReply,
} from "./stand-in-object-server.ts";

export interface StandInOptions {
  readonly folder: string;
  readonly coordinatorSocket: string;
  readonly workerSockets: readonly string[];
  readonly secret: string;
}

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
  /** Object servers that take what comes, and answer nothing. */
  readonly silent = new Set<number>();
  /** Object servers whose objects are in no files that could be handed on. */
  readonly withoutFiles = new Set<number>();
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
      const object = new StandInObjectServer(at, { ...options, ...made.#shared() });
      const serve = (incoming: IncomingMessage, answer: ServerResponse): void => {
        void object.serve(incoming, answer).catch(() => answer.destroy());
      };
      server.on("checkContinue", serve).on("request", serve);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      made.#servers.push(server);
    }
    return made;
  }

  #shared() {
    const { objects, notInPlace, old, down, silent, withoutFiles, errands } = this;
    return { objects, notInPlace, old, down, silent, withoutFiles, errands };
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
