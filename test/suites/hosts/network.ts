import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { isAlive } from "../../support/alive.ts";

/** A host: a network namespace with one interface, `eth0`. */
export interface Host {
  /** The namespace. */
  readonly name: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** Its cable's other end, at the switch. */
  readonly port: string;
}

const PREFIX = "zvmh";
let networks = 0;

/**
 * Hosts that reach each other through a switch, which is a namespace too, with a bridge: the
 * machine that they are on sees nothing of their traffic, and has no interface more.
 */
export class Network {
  readonly hosts: readonly Host[];
  readonly switchName: string;
  readonly #namespaces: string[] = [];
  readonly #closeAtExit = (): void => this.close();

  constructor(count: number) {
    removeLeftovers();
    networks += 1;
    const stem = `${PREFIX}-${process.pid}-${networks}`;
    this.switchName = `${stem}-switch`;
    process.once("exit", this.#closeAtExit);
    this.#add(this.switchName);
    const bridge = ["type", "bridge", "forward_delay", "0", "mcast_snooping", "0"];
    this.#at(this.switchName, "link", "add", "br0", ...bridge);
    this.#at(this.switchName, "link", "set", "br0", "up");
    this.hosts = Array.from({ length: count }, (_, index) => this.#plugIn(stem, index + 1));
  }

  /** What runs a command at a host, or at the switch. */
  commandAt(name: string, ...argv: readonly string[]): string[] {
    return ["ip", "netns", "exec", name, ...argv];
  }

  /** Bytes that came to a host so far. */
  receivedBytes({ name }: Host): number {
    const told = ip("-n", name, "-j", "-s", "link", "show", "eth0");
    const [link] = JSON.parse(told) as [{ readonly stats64: { rx: { bytes: number } } }];
    return link.stats64.rx.bytes;
  }

  /** Takes the interface of a host down: its own kernel knows, and says so to who sends. */
  takeDown({ name }: Host): void {
    this.#at(name, "link", "set", "eth0", "down");
  }

  /** Has the switch forget a cable: all links stay up, and what is sent is gone without a sign. */
  cutSilently({ port }: Host): void {
    this.#at(this.switchName, "link", "set", port, "nomaster");
  }

  /** Ends what still runs in the namespaces, and removes them. */
  close(): void {
    process.off("exit", this.#closeAtExit);
    for (const name of this.#namespaces.splice(0)) remove(name);
  }

  #plugIn(stem: string, number: number): Host {
    const name = `${stem}-${number}`;
    const port = `port${number}`;
    const host = { name, port, ipv4: `10.77.0.${number}`, ipv6: `fd77::${number}` };
    this.#add(name);
    const there = ["peer", "name", port, "netns", this.switchName];
    this.#at(name, "link", "add", "eth0", "type", "veth", ...there);
    this.#at(this.switchName, "link", "set", port, "master", "br0", "up");
    this.#at(name, "address", "add", `${host.ipv4}/24`, "dev", "eth0");
    this.#at(name, "address", "add", `${host.ipv6}/64`, "dev", "eth0", "nodad");
    this.#at(name, "link", "set", "lo", "up");
    this.#at(name, "link", "set", "eth0", "up");
    return host;
  }

  #add(name: string): void {
    ip("netns", "add", name);
    this.#namespaces.push(name);
  }

  #at(name: string, ...argv: readonly string[]): void {
    ip("-n", name, ...argv);
  }
}

/** @throws Error with what `ip` complains of */
function ip(...argv: readonly string[]): string {
  const { status, stdout, stderr, error } = run(...argv);
  if (status === 0) return stdout;
  throw new Error(`ip ${argv.join(" ")}: ${error?.message ?? stderr}`);
}

function run(...argv: readonly string[]): SpawnSyncReturns<string> {
  const { PATH = "" } = process.env;
  const env = { PATH: `${PATH}:/usr/sbin:/sbin` };
  return spawnSync("ip", argv, { encoding: "utf8", env });
}

/** Processes that are in a namespace. */
export function processesAt(name: string): number[] {
  return run("netns", "pids", name).stdout.split("\n").filter(Boolean).map(Number);
}

function remove(name: string): void {
  for (const pid of processesAt(name)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
  run("netns", "del", name);
}

/** Namespaces of runs that were killed: their names have the number of a process that is gone. */
function removeLeftovers(): void {
  for (const line of run("netns", "list").stdout.split("\n")) {
    const [name = ""] = line.split(" ");
    const [, pid] = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) remove(name);
  }
}
