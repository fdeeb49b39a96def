import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type TestContext } from "vitest";
import { ZEROVM } from "../../support/command-line.ts";
import { Shell, type ShellEnd, type Started } from "../../support/shell.ts";
import { NETCOPY_GUEST } from "./copying-guest.ts";
import { type Host, Network, processesAt } from "./network.ts";

/** The original's netcopy: file → first → second → third → file, each session on a host. */
export interface LineOptions {
  /** What the first reads; `in` of the folder unless given. */
  readonly input?: string;
  readonly output?: string;
  readonly timeoutSeconds?: number;
  /** Sources by numbers, which a name server knows, or addresses of the hosts. */
  readonly by: "number" | "ipv4" | "ipv6";
  /** Where the name server is, for sources by numbers. */
  readonly server?: Host;
  /** Further lines of all manifests. */
  readonly more?: readonly string[];
}

/** What is known of a session when it has ended. */
export interface SessionEnd extends ShellEnd {
  /** The report, where one was made. */
  readonly report: Readonly<Record<string, unknown>>;
}

const PORT = 5000;
/** Where `zerovm ns` listens by itself. */
const NAME_PORT = 54_321;

/** A line that is gone when its test has ended, whatever others do meanwhile. */
export function newLine({ onTestFinished }: Pick<TestContext, "onTestFinished">): Line {
  const folder = mkdtempSync(join(tmpdir(), "zerovm-test-"));
  const line = new Line(folder);
  onTestFinished(async () => {
    await line.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return line;
}

/** Hosts, a folder that all of them see, and what runs on them. */
export class Line {
  readonly network = new Network(3);
  readonly shell: Shell;
  readonly #servers: Started[] = [];

  constructor(folder: string) {
    this.shell = new Shell(folder);
    this.shell.put("p.wasm", NETCOPY_GUEST);
  }

  host(number: number): Host {
    const host = this.network.hosts[number - 1];
    if (host === undefined) throw new Error(`There is no host ${number}`);
    return host;
  }

  zerovm(host: Host, ...argv: readonly string[]): Started {
    return this.startAt(host.name, process.execPath, ZEROVM, ...argv);
  }

  startAt(namespace: string, ...argv: readonly string[]): Started {
    const [command = "", ...rest] = this.network.commandAt(namespace, ...argv);
    return this.shell.start(command, rest);
  }

  /** A name server, once it listens. */
  async serveNames(host: Host, ...more: readonly string[]): Promise<Started> {
    const server = this.zerovm(host, "ns", "--nodes", "3", "--host", host.ipv4, ...more);
    let printed = "";
    server.child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString("latin1");
    });
    this.#servers.push(server);
    await expect.poll(() => printed, { timeout: 20_000 }).toContain("UDP port 54321\n");
    return server;
  }

  /** Starts the three sessions. */
  start(options: LineOptions): Started[] {
    return [1, 2, 3].map((node) => {
      this.shell.put(`${node}.manifest`, this.#manifest(node, options));
      const report = join(this.shell.folder, `${node}.json`);
      return this.zerovm(this.host(node), "exec", "--report-file", report, `${node}.manifest`);
    });
  }

  /** Waits for the ends of sessions that `start` gave. */
  async ends(sessions: readonly Started[]): Promise<SessionEnd[]> {
    const ends = await Promise.all(sessions.map(({ end }) => end));
    return ends.map((end, index) => {
      const path = join(this.shell.folder, `${index + 1}.json`);
      return { ...end, report: existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {} };
    });
  }

  /** Waits until so many bytes have come to the last host: all sessions are at work. */
  async isBusy(bytes: number): Promise<void> {
    const received = (): number => this.network.receivedBytes(this.host(3));
    await expect.poll(received, { timeout: 30_000, interval: 50 }).toBeGreaterThan(bytes);
  }

  /** Makes a key that all sessions share. @returns the line of a manifest that names it */
  newKey(): string {
    this.shell.put("key", `${randomBytes(32).toString("hex")}\n`);
    const path = join(this.shell.folder, "key");
    chmodSync(path, 0o600);
    return `Key = ${path}`;
  }

  /** Processes that sessions left behind, once name servers have ended by themselves. */
  async leftovers(): Promise<unknown[]> {
    await Promise.all(this.#servers.map(({ end }) => end));
    return [
      ...this.shell.survivors(),
      ...this.network.hosts.flatMap(({ name }) => processesAt(name)),
    ];
  }

  async close(): Promise<void> {
    await this.shell.end();
    this.network.close();
  }

  #manifest(node: number, options: LineOptions): string {
    const { input = "HERE/in", output = "HERE/out", timeoutSeconds = 60, by, more = [] } = options;
    const server = options.server?.ipv4 ?? this.host(1).ipv4;
    const [stdin, stdout] = [
      node === 1 ? input : this.#source(by, node - 1, node),
      node === 3 ? output : this.#source(by, node + 1, node + 1),
    ];
    const lines = [
      "Version = 20130611",
      "Program = HERE/p.wasm",
      "Memory = 16777216, 0",
      `Timeout = ${timeoutSeconds}`,
      `Seed = ${node}`,
      `Channel = ${stdin}, /dev/stdin, 0, 1, 9999999, 99999999999999, 0, 0`,
      `Channel = ${stdout}, /dev/stdout, 0, 1, 0, 0, 9999999, 99999999999999`,
      "Channel = /dev/null, /dev/stderr, 0, 0, 0, 0, 1, 1",
      ...(by === "number" ? [`NameServer = udp:${server}:${NAME_PORT}`, `Node = ${node}`] : []),
      ...more,
    ];
    return `${lines.join("\n")}\n`.replaceAll("HERE", this.shell.folder);
  }

  /** By numbers the peer is named; by addresses it is the end of the reader, for both sides. */
  #source(by: LineOptions["by"], peer: number, reader: number): string {
    if (by === "number") return `tcp:${peer}:`;
    const { ipv4, ipv6 } = this.host(reader);
    return `tcp:${by === "ipv4" ? ipv4 : `[${ipv6}]`}:${PORT}`;
  }
}
