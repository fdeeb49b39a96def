/** For tests: what users of a cluster store, and the jobs that they send. */
import { expect } from "vitest";
import type { SwiftCluster, SwiftUser } from "../../../tools/swift/index.ts";

type Headers = Readonly<Record<string, string>>;

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface Sent {
  readonly headers?: Headers;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

/** A device of a node: its name, and what it reads or writes. */
export type Devices = Readonly<Record<string, string | undefined>>;

/** One user of a cluster, who sends jobs. */
export class JobSender {
  readonly #cluster: SwiftCluster;
  readonly #user: SwiftUser;
  #token: string | undefined;

  constructor(cluster: SwiftCluster, user: SwiftUser = cluster.users.tester) {
    this.#cluster = cluster;
    this.#user = user;
  }

  get account(): string {
    return `AUTH_${this.#user.name.split(":")[0]}`;
  }

  /** Of what jobs name; `path` is `CONTAINER/OBJECT`. */
  url(path: string): string {
    return `swift://${this.account}/${path}`;
  }

  /** Sends a request; `path` is below `/v1/`, or below the account where it begins with a slash. */
  async send(method: string, path: string, sent: Sent = {}): Promise<Answered> {
    const { headers = {}, body, signal } = sent;
    this.#token ??= await this.#signIn();
    const full = path.startsWith("/") || path === "" ? `${this.account}${path}` : path;
    const answer = await fetch(`${this.#cluster.url}/v1/${full}`, {
      method,
      headers: { "X-Auth-Token": this.#token, ...headers },
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    });
    const text = await answer.text();
    return { status: answer.status, text, headers: Object.fromEntries(answer.headers) };
  }

  async container(name: string, headers: Headers = {}): Promise<void> {
    const { status, text } = await this.send("PUT", `/${name}`, { headers });
    expect({ status, text: status < 300 ? "" : text }).toMatchObject({ text: "" });
  }

  async put(path: string, body: string | Uint8Array, headers: Headers = {}): Promise<void> {
    const { status, text } = await this.send("PUT", path, { body, headers });
    expect({ status, text: status === 201 ? "" : text }).toEqual({ status: 201, text: "" });
  }

  async get(path: string): Promise<string> {
    const { status, text } = await this.send("GET", path);
    return status === 200 ? text : `status ${status}`;
  }

  /** Runs one program, an object of this account, with some devices. */
  async run(program: string, devices: Devices, sent: Omit<Sent, "body"> = {}): Promise<Answered> {
    return await this.job([this.node(program, devices)], sent);
  }

  node(program: string, devices: Devices): object {
    const file_list = Object.entries(devices).map(([device, path]) => ({ device, path }));
    return { name: "node", exec: { path: this.url(program) }, file_list };
  }

  async job(nodes: readonly object[], sent: Omit<Sent, "body"> = {}): Promise<Answered> {
    const { headers = {}, signal } = sent;
    const own = { "X-Zerovm-Execute": "1.0", "Content-Type": "application/json" };
    const body = JSON.stringify(nodes);
    const more = signal === undefined ? {} : { signal };
    return await this.send("POST", "", { headers: { ...own, ...headers }, body, ...more });
  }

  async #signIn(): Promise<string> {
    const { name, key } = this.#user;
    const headers = { "X-Auth-User": name, "X-Auth-Key": key };
    const { headers: answered } = await fetch(this.#cluster.authUrl, { headers });
    return answered.get("x-auth-token") ?? "";
  }
}
