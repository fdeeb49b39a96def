import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface FakeObject {
  readonly body: Buffer;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers a request itself, or lets the fake do what a store does. */
export type Interception = (request: Arrived, response: ServerResponse) => boolean;

/**
 * A small store with the API of Swift on a port of this machine, for tests of its clients. It
 * keeps what arrives, and gives away what a real one does: tokens, pages, ranges, large objects.
 */
export class FakeSwift {
  readonly arrived: Arrived[] = [];
  /** Objects by container and name. */
  readonly containers = new Map<string, Map<string, FakeObject>>();
  readonly containerHeaders = new Map<string, Record<string, string>>();
  intercept: Interception = () => false;
  /** The one token that is good; signing in makes another one good. */
  token = "tk0";
  pageSize = 3;
  readonly #server = createServer((request, response) => void this.#receive(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => resolve());
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get environment(): Record<string, string> {
    return { ST_AUTH: `${this.origin}/auth/v1.0`, ST_USER: "test:tester", ST_KEY: "secret" };
  }

  /** Methods and paths of all that arrived. */
  get lines(): string[] {
    return this.arrived.map(({ method, url }) => `${method} ${url}`);
  }

  store(container: string, name: string, body: Buffer | string, headers = {}): void {
    const objects = this.containers.get(container) ?? new Map<string, FakeObject>();
    this.containers.set(container, objects);
    objects.set(name, { body: Buffer.from(body), type: "text/plain", headers });
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of incoming) pieces.push(piece as Buffer);
    } catch {
      // The client went away: nothing is stored, and nobody hears the answer.
      return;
    }
    const { method = "", url = "", headers } = incoming;
    const arrived = { method, url, headers, body: Buffer.concat(pieces) };
    this.arrived.push(arrived);
    if (this.intercept(arrived, response)) return;
    this.#answer(arrived, response);
  }

  #answer(request: Arrived, response: ServerResponse): undefined {
    const { pathname, searchParams } = new URL(request.url, this.origin);
    if (pathname === "/auth/v1.0") return this.#signIn(request, response);
    if (request.headers["x-auth-token"] !== this.token)
      return end(response, 401, {}, "Unauthorized");
    const [account, container = "", ...rest] = pathname.split("/").slice(2).map(decodeURIComponent);
    if (account !== "AUTH_test") return end(response, 403, {}, "Forbidden");
    const name = rest.join("/");
    if (container === "") return this.#list(searchParams, [...this.containers.keys()], response);
    if (name === "") return this.#container(request, container, searchParams, response);
    return this.#object(request, container, name, response);
  }

  #signIn({ headers }: Arrived, response: ServerResponse): undefined {
    if (headers["x-auth-user"] !== "test:tester" || headers["x-auth-key"] !== "secret") {
      return end(response, 401, {}, "Unauthorized");
    }
    this.token = `tk${Number(this.token.slice(2)) + 1}`;
    const url = `${this.origin}/v1/AUTH_test`;
    return end(response, 200, { "X-Auth-Token": this.token, "X-Storage-Url": url }, "");
  }

  #list(query: URLSearchParams, names: readonly string[], response: ServerResponse): undefined {
    const items = page(names, query, this.pageSize).map((name) => {
      return { name, count: this.containers.get(name)?.size ?? 0, bytes: 7 };
    });
    return end(response, 200, { "Content-Type": "application/json" }, JSON.stringify(items));
  }

  #container(
    { method, headers }: Arrived,
    container: string,
    query: URLSearchParams,
    response: ServerResponse,
  ): undefined {
    const objects = this.containers.get(container);
    if (method === "PUT" || method === "POST") {
      if (objects === undefined) this.containers.set(container, new Map());
      const own = Object.entries(headers).filter(([name]) => name.startsWith("x-container-"));
      const before = this.containerHeaders.get(container) ?? {};
      this.containerHeaders.set(container, { ...before, ...(Object.fromEntries(own) as object) });
      return end(response, objects === undefined ? 201 : 202, {}, "");
    }
    if (objects === undefined) return end(response, 404, { "X-Trans-Id": "tx9" }, HTML_404);
    const count = { "X-Container-Object-Count": String(objects.size) };
    if (method === "HEAD") return end(response, 204, count, "");
    if (method === "DELETE") {
      if (objects.size > 0) return end(response, 409, {}, "Conflict");
      this.containers.delete(container);
      return end(response, 204, {}, "");
    }
    const prefix = query.get("prefix") ?? "";
    const named = [...objects.keys()].filter((name) => name.startsWith(prefix));
    const items = page(named, query, this.pageSize).map((name) => {
      const { body, type } = objects.get(name) as FakeObject;
      const last_modified = "2026-01-02T03:04:05.000000";
      return { name, bytes: body.length, hash: md5(body), content_type: type, last_modified };
    });
    return end(response, 200, { "Content-Type": "application/json" }, JSON.stringify(items));
  }

  #object(request: Arrived, container: string, name: string, response: ServerResponse): undefined {
    const objects = this.containers.get(container);
    if (objects === undefined) return end(response, 404, {}, HTML_404);
    const { method, headers } = request;
    if (method === "PUT") return this.#put(request, objects, name, response);
    const found = objects.get(name);
    if (found === undefined) return end(response, 404, { "X-Trans-Id": "tx9" }, HTML_404);
    if (method === "DELETE") {
      objects.delete(name);
      return end(response, 204, {}, "");
    }
    if (method === "POST") {
      objects.set(name, { ...found, headers: metaOf(headers) });
      return end(response, 202, {}, "");
    }
    return get(request, found, response);
  }

  #put(
    { url, headers, body }: Arrived,
    objects: Map<string, FakeObject>,
    name: string,
    response: ServerResponse,
  ): undefined {
    const type = String(headers["content-type"] ?? "application/octet-stream");
    if (!url.endsWith("?multipart-manifest=put")) {
      const from = headers["x-copy-from"];
      const [, container = "", ...rest] = String(from ?? "")
        .split("/")
        .map(decodeURIComponent);
      const copied = this.containers.get(container)?.get(rest.join("/"));
      const stored = copied?.body ?? body;
      objects.set(name, { body: stored, type, headers: metaOf(headers) });
      return end(response, 201, { ETag: md5(stored) }, "");
    }
    const segments = JSON.parse(body.toString()) as { path: string; etag: string }[];
    const parts = segments.map(({ path, etag }) => {
      const [, container = "", ...rest] = path.split("/");
      const part = this.containers.get(container)?.get(rest.join("/"))?.body;
      return part !== undefined && md5(part) === etag ? part : undefined;
    });
    if (parts.includes(undefined)) return end(response, 400, {}, "Bad segment");
    const whole = Buffer.concat(parts as Buffer[]);
    const large = { "X-Static-Large-Object": "True", ETag: '"slo"' };
    objects.set(name, { body: whole, type, headers: { ...metaOf(headers), ...large } });
    return end(response, 201, { ETag: '"slo"' }, "");
  }
}

const HTML_404 = "<html><h1>Not Found</h1><p>The resource could not be found.</p></html>";

function get({ method, headers }: Arrived, found: FakeObject, response: ServerResponse): undefined {
  const { body, type, headers: own } = found;
  const etag = own["ETag"] ?? md5(body);
  const match = headers["if-match"];
  if (match !== undefined && match !== `"${etag.replaceAll('"', "")}"`) {
    return end(response, 412, {}, "");
  }
  const known = { ETag: etag, "Content-Type": type, "Last-Modified": LAST_MODIFIED, ...own };
  const range = /^bytes=(\d+)-(\d*)$/.exec(String(headers["range"] ?? "")) ?? [];
  if (range[1] === undefined) {
    const size = { "Content-Length": String(body.length) };
    return end(response, 200, { ...known, ...size }, method === "HEAD" ? "" : body);
  }
  const start = Number(range[1]);
  const last = Math.min(
    range[2] === "" ? Number.POSITIVE_INFINITY : Number(range[2]),
    body.length - 1,
  );
  if (start > last) return end(response, 416, {}, "");
  const part = { "Content-Range": `bytes ${start}-${last}/${body.length}` };
  return end(response, 206, { ...known, ...part }, body.subarray(start, last + 1));
}

const LAST_MODIFIED = "Fri, 02 Jan 2026 03:04:05 GMT";

function page(names: readonly string[], query: URLSearchParams, size: number): string[] {
  const marker = query.get("marker") ?? "";
  const limit = Number(query.get("limit") ?? size);
  return [...names]
    .sort()
    .filter((name) => name > marker)
    .slice(0, limit);
}

function metaOf(headers: Arrived["headers"]): Record<string, string> {
  const meta = Object.entries(headers).filter(([name]) => name.startsWith("x-object-meta-"));
  return Object.fromEntries(meta.map(([name, value]) => [name, String(value)]));
}

export function md5(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

/** Ends an answer. */
export function end(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer | string,
): undefined {
  response.writeHead(status, headers);
  response.end(body);
}
