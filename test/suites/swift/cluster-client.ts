/** For tests: what people ask a cluster of Swift for, and what then lies on its devices. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { SwiftCluster, SwiftNode, SwiftUser } from "../../../tools/swift/index.ts";
import { type Ended, runTool } from "../run-tool.ts";

/** What a request says beside its path. */
export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** One user of a cluster. */
export class ClusterClient {
  readonly #cluster: SwiftCluster;
  readonly #user: SwiftUser;
  #token = "";

  constructor(cluster: SwiftCluster, user: SwiftUser = cluster.users.tester) {
    this.#cluster = cluster;
    this.#user = user;
  }

  /** Of the account that the user's name begins with. */
  get storageUrl(): string {
    return `${this.#cluster.url}/v1/AUTH_${this.#user.name.split(":")[0]}`;
  }

  /** Runs the command line of python-swiftclient. @returns what it prints */
  async swift(...args: readonly string[]): Promise<string> {
    const { name, key } = this.#user;
    const env = { ST_AUTH: this.#cluster.authUrl, ST_USER: name, ST_KEY: key };
    return expectPrinted(await runTool("swift", args, { env }));
  }

  /** Runs curl; `path` is below the account. @returns what it prints */
  async curl(path: string, ...args: readonly string[]): Promise<string> {
    const token = `X-Auth-Token: ${await this.token()}`;
    const url = `${this.storageUrl}${path}`;
    return expectPrinted(await runTool("curl", ["-sS", "-H", token, ...args, url]));
  }

  /** Sends a request; `path` is below the account, or a URL. @returns the status */
  async send(method: string, path: string, asked: Asked = {}): Promise<number> {
    return (await this.ask(method, path, asked)).status;
  }

  /** As `send`, with the text of the answer. */
  async ask(method: string, path: string, { headers = {}, body }: Asked = {}) {
    const answer = await fetch(path.startsWith("http") ? path : this.storageUrl + path, {
      method,
      headers: { "X-Auth-Token": await this.token(), ...headers },
      ...(body !== undefined && { body }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  /** Runs a job. */
  async run(job: unknown) {
    const headers = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
    return await this.ask("POST", "", { headers, body: JSON.stringify(job) });
  }

  /** Makes a container, or sets what its headers say. */
  async container(name: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    expect(await this.send("PUT", `/${name}`, { headers })).toBeLessThan(300);
  }

  async put(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
    expect(await this.send("PUT", path, { body })).toBe(201);
  }

  async get(path: string): Promise<string> {
    const headers = { "X-Auth-Token": await this.token() };
    const answer = await fetch(`${this.storageUrl}${path}`, { headers });
    expect(answer.status).toBe(200);
    return await answer.text();
  }

  async token(): Promise<string> {
    if (this.#token === "") {
      const { name, key } = this.#user;
      const headers = { "X-Auth-User": name, "X-Auth-Key": key };
      const answer = await fetch(this.#cluster.authUrl, { headers });
      this.#token = answer.headers.get("x-auth-token") ?? "";
    }
    return this.#token;
  }
}

/** A file of an object on the device of a node. */
export interface StoredFile {
  /** Ends in `.data`. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** Files of all objects that a node has; those of the second policy are in `objects-1`. */
export function storedOn(node: SwiftNode, policy: "objects" | "objects-1"): StoredFile[] {
  const top = join(node.devices, "d1", policy);
  return readdirSync(top, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".data"))
    .map((path) => ({ name: path, bytes: readFileSync(join(top, path)) }));
}

/** Those that hold just this text. */
export function copiesOn(node: SwiftNode, text: string): StoredFile[] {
  return storedOn(node, "objects").filter(({ bytes }) => bytes.toString() === text);
}

/** Names in a container, as the container server of this node has them. */
export async function listingOn(node: SwiftNode, container: string): Promise<string[]> {
  const base = `http://${node.ip}:${node.ports.container}/d1`;
  for (const partition of readdirSync(join(node.devices, "d1", "containers"))) {
    const answer = await fetch(`${base}/${partition}/${container}`);
    const listing = await answer.text();
    if (answer.ok) return listing.trim().split("\n");
  }
  return [];
}

/** What a cluster tells of itself. */
export async function infoOf({ url }: SwiftCluster): Promise<unknown> {
  return await (await fetch(`${url}/info`)).json();
}

function expectPrinted({ status, stdout, stderr }: Ended): string {
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}
