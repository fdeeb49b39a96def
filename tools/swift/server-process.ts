import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { CLUSTER_MARK, endProcesses, markedProcesses, SERVER_MARK } from "./marked-processes.ts";

const READY_MS = 90_000;
const WAIT_MS = 100;
/** Of a log, in an error. */
const TOLD_LINES = 15;

/** Whom a server runs as; it has no other groups. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What makes a server. */
export interface ServerPlan {
  /** As in `object-1`. */
  readonly name: string;
  /** Folder of the cluster: its logs are in `logs`. */
  readonly folder: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly owner: Owner;
  readonly env: Readonly<Record<string, string>>;
  /** Whether it lives on when the process that starts it is gone. */
  readonly outlives: boolean;
  /** Asked again and again until it is true. */
  isReady(server: ServerProcess): boolean | Promise<boolean>;
}

/** One server of a cluster with all its processes. It can end and be started again. */
export class ServerProcess {
  readonly name: string;
  /** Its standard error. */
  readonly log: string;
  /** Its standard output. */
  readonly output: string;
  readonly #plan: ServerPlan;
  #child: ChildProcess | undefined;

  constructor(plan: ServerPlan) {
    this.#plan = plan;
    this.name = plan.name;
    this.log = `${plan.folder}/logs/${plan.name}.log`;
    this.output = `${plan.folder}/logs/${plan.name}.out`;
  }

  /** Its first process; undefined while it does not run. */
  get pid(): number | undefined {
    return this.isRunning ? this.#child?.pid : undefined;
  }

  /** All its processes. */
  get pids(): number[] {
    return markedProcesses(this.#plan.folder, this.name);
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Starts it, and waits until it is ready. @throws Error with the end of its log */
  async start(abort?: AbortSignal): Promise<void> {
    if (this.isRunning) return;
    const child = this.#spawn();
    this.#child = child;
    await once(child, "spawn");
    for (const endMs = Date.now() + READY_MS; ; await setTimeout(WAIT_MS)) {
      abort?.throwIfAborted();
      if (!this.isRunning) throw this.#failure("ended while it started");
      if (await this.#plan.isReady(this)) return;
      if (Date.now() > endMs) throw this.#failure(`is not ready after ${READY_MS / 1000} s`);
    }
  }

  /** Runs a program that ends by itself. @throws Error with the end of its log, where it fails */
  async runOnce(): Promise<void> {
    this.#child = this.#spawn();
    const [status] = await once(this.#child, "exit");
    if (status !== 0) throw this.#failure(`ended with ${status}`);
  }

  /** Ends all its processes. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    const exit = child !== undefined && this.isRunning ? once(child, "exit") : undefined;
    await endProcesses(this.#plan.folder, { server: this.name, signal });
    // Only now it counts as ended here, and may be started again.
    await exit;
  }

  /** As if its machine had lost its power. */
  async kill(): Promise<void> {
    await this.stop("SIGKILL");
  }

  #spawn(): ChildProcess {
    const { name, folder, command, owner, env, outlives } = this.#plan;
    const { uid, gid } = owner;
    const setpriv = ["--reuid", `${uid}`, "--regid", `${gid}`, "--clear-groups"];
    if (!outlives) setpriv.push("--pdeathsig", "TERM");
    // What it says when it is ready is said by each start.
    const files = [openSync(this.output, "w"), openSync(this.log, "a")];
    const child = spawn("/usr/bin/setpriv", [...setpriv, "--", ...command], {
      cwd: folder,
      env: { LC_ALL: "C.UTF-8", ...env, [CLUSTER_MARK]: folder, [SERVER_MARK]: name },
      // A group of its own: Ctrl-C is for us, and what a server sends its group for the server.
      detached: true,
      stdio: ["ignore", ...files],
    });
    for (const file of files) closeSync(file);
    if (outlives) child.unref();
    return child;
  }

  #failure(what: string): Error {
    const lines = [this.output, this.log]
      .flatMap((path) => (existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : []))
      .slice(-TOLD_LINES);
    return new Error(`${this.name} ${what}:\n${lines.join("\n")}`);
  }
}
