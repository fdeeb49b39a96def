/** For tests: `zerovm serve` of the built command line as a process of its own, and its clients. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ZEROVM } from "./command-line.ts";
import { type Answer, type Sending, sendTo } from "./http-client.ts";

export interface CloudUser {
  readonly name: string;
  readonly key: string;
}

/** Both own the account that their names begin with. */
export const USERS = {
  first: { name: "test:tester", key: "testing" },
  second: { name: "test2:tester2", key: "testing2" },
} as const;

const ACCOUNTS =
  "[tempauth]\nuser_test_tester = testing .admin\nuser_test2_tester2 = testing2 .admin\n";

export interface CloudOptions {
  /** Settings as variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further lines of the accounts file. */
  readonly accounts?: string;
  /** The data folder; it is the caller's to remove. One of its own where it is missing. */
  readonly data?: string;
  /** A command that starts the one behind it, such as one that sets limits. */
  readonly by?: readonly string[];
}

/** A server that is ready. */
export class CloudProcess {
  readonly data: string;
  readonly url: string;
  /** From the start of the process to the first answer that it is ready, in milliseconds. */
  readonly startMs: number;
  /** That without the time in which the process waited for a processor that others had. */
  readonly ownStartMs: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<NodeJS.Signals | number | null>;
  readonly #log: Promise<string>;
  readonly #folder: string;
  #token = "";

  private constructor(parts: {
    readonly child: ChildProcess;
    readonly ended: CloudProcess["ended"];
    readonly log: Promise<string>;
    readonly folder: string;
    readonly data: string;
    readonly url: string;
    readonly startMs: number;
  }) {
    this.#child = parts.child;
    this.#ended = parts.ended;
    this.#log = parts.log;
    this.#folder = parts.folder;
    this.data = parts.data;
    this.url = parts.url;
    this.startMs = parts.startMs;
    this.ownStartMs = parts.startMs - waitedMs(this.pid);
  }

  static async start(options: CloudOptions = {}): Promise<CloudProcess> {
    const { env = {}, by = [], data } = options;
    const folder = await mkdtemp(join(tmpdir(), "zerovm-cloud-"));
    const accounts = join(folder, "accounts.ini");
    await writeFile(accounts, ACCOUNTS + (options.accounts ?? ""), { mode: 0o600 });
    const place = data ?? join(folder, "data");
    const serve = ["serve", "--data", place, "--auth", accounts, "--port", "0", "--json"];
    const [program = "", ...args] = [...by, process.execPath, ZEROVM, ...serve];
    const begin = performance.now();
    const child = spawn(program, args, { env: { ...process.env, ...env } });
    const ended = new Promise<NodeJS.Signals | number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status, signal) => resolve(signal ?? status));
    });
    const log = text(child.stderr);
    try {
      const url = await readyUrl(child, ended);
      const { status } = await sendTo(Number(new URL(url).port), "GET", "/readyz", {});
      if (status !== 200) throw new Error(`/readyz says ${status}`);
      const startMs = performance.now() - begin;
      return new CloudProcess({ child, ended, log, folder, data: place, url, startMs });
    } catch (cause) {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
      throw new Error(`zerovm serve did not start: ${await log}`, { cause });
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** How it ended. */
  get ended(): Promise<NodeJS.Signals | number | null> {
    return this.#ended;
  }

  /** Sends a request as the first user; the path is below the account. */
  async send(method: string, path: string, sending: Omit<Sending, "as"> = {}): Promise<Answer> {
    if (this.#token === "") this.#token = await this.#signIn();
    const headers = { "X-Auth-Token": this.#token, ...sending.headers };
    return await sendTo(this.port, method, `/v1/AUTH_test${path}`, { ...sending, headers });
  }

  /** The head of a request that `send` would send, for bare connections. */
  async head(method: string, path: string, more: string): Promise<string> {
    if (this.#token === "") this.#token = await this.#signIn();
    const line = `${method} /v1/AUTH_test${path} HTTP/1.1\r\nHost: cloud\r\n`;
    return `${line}X-Auth-Token: ${this.#token}\r\n${more}\r\n`;
  }

  /** Ends it in order. @returns what it logged */
  async stop(): Promise<string> {
    return await this.#end("SIGTERM");
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<string> {
    this.#child.kill(signal);
    await this.#ended;
    await rm(this.#folder, { recursive: true, force: true });
    return await this.#log;
  }

  async #signIn(): Promise<string> {
    const { name, key } = USERS.first;
    const headers = { "X-Auth-User": name, "X-Auth-Key": key };
    const answer = await sendTo(this.port, "GET", "/auth/v1.0", { headers });
    const token = answer.headers["x-auth-token"];
    if (typeof token !== "string") throw new Error(`no token: ${answer.status} ${answer.body}`);
    return token;
  }
}

const NS_PER_MS = 1e6;

/** How long the first thread of a process was ready to run and did not; 0 where nobody knows. */
function waitedMs(pid: number): number {
  const path = `/proc/${pid}/schedstat`;
  const [, waitedNs = 0] = existsSync(path)
    ? readFileSync(path, "utf8").split(" ").map(Number)
    : [];
  return waitedNs / NS_PER_MS;
}

/** The URL that the server says when it is ready. */
async function readyUrl(child: ChildProcess, ended: Promise<unknown>): Promise<string> {
  let said = "";
  const line = new Promise<void>((resolve) => {
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      said += piece;
      if (said.includes("\n")) resolve();
    });
  });
  await Promise.race([line, ended]);
  return (JSON.parse(said) as { url: string }).url;
}
