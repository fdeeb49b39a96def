import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Layout, ROOT } from "./layout.ts";
import type { ClusterOptions } from "./options.ts";
import type { Owner, ServerPlan, ServerProcess } from "./server-process.ts";

const ZEROVM = resolve("bin", "zerovm.js");
/** Numbers that no user has: nothing is added to the users of the system. */
const COORDINATOR_UID = 65_100;
const WORKER_UID = 65_101;
/** Who begins a socket in such a folder shares it with the folder's group, which is Swift's. */
const SOCKET_FOLDER = 0o2750;
/** Of the processes here: who is in the group may connect. */
const UMASK = 'umask 007; exec "$@"';

/**
 * Plans of the coordinator and of the workers. Each runs as a user of its own, that cannot read
 * what Swift keeps: an object reaches a worker as an open descriptor, if at all.
 */
export class JobPlans {
  readonly coordinatorSocket: string;
  readonly secretFile: string;
  readonly #layout: Layout;
  readonly #options: ClusterOptions;
  readonly #config: readonly string[];
  readonly #coordinator: Owner = { uid: COORDINATOR_UID, gid: COORDINATOR_UID };

  constructor(layout: Layout, options: ClusterOptions) {
    this.#layout = layout;
    this.#options = options;
    for (const name of ["coordinator", "homes"]) layout.make(name, ROOT, 0o755);
    this.coordinatorSocket = `${this.#sockets("coordinator", this.#coordinator)}/socket`;
    this.secretFile = layout.writeSecret(this.#coordinator);
    const { config } = options;
    this.#config =
      config === undefined ? [] : ["--config", layout.writeOpen("zerovm.yaml", config)];
  }

  coordinator(): ServerPlan {
    const data = this.#layout.make("coordinator/data", this.#coordinator, 0o700);
    const flags = ["--secret-file", this.secretFile, "--data", data];
    const command = ["coordinator", "--socket", this.coordinatorSocket, ...flags];
    return this.#plan("coordinator", this.#coordinator, command);
  }

  /** The socket of the worker of a node, in a folder that is made for it. */
  workerSocket(node: string, at: number): string {
    return `${this.#sockets(node, this.#worker(at))}/socket`;
  }

  worker(node: string, at: number): ServerPlan {
    const { sessions } = this.#options;
    const socket = ["--socket", this.workerSocket(node, at)];
    const limits = sessions === undefined ? [] : ["--sessions", `${sessions}`];
    // All nodes are on this machine, and nobody else may come.
    const wires = ["--wires", "127.0.0.1:0"];
    const command = ["worker", ...socket, ...wires, ...limits];
    return this.#plan(`${node}-worker`, this.#worker(at), command);
  }

  #worker(at: number): Owner {
    return { uid: WORKER_UID + at, gid: WORKER_UID + at };
  }

  #sockets(name: string, { uid }: Owner): string {
    return this.#layout.make(`${name}/run`, { uid, gid: this.#layout.swift.gid }, SOCKET_FOLDER);
  }

  #plan(name: string, owner: Owner, command: readonly string[]): ServerPlan {
    const home = this.#layout.make(`homes/${name}`, owner, 0o700);
    const zerovm = [process.execPath, ZEROVM, "swift", ...command, ...this.#config];
    return {
      name,
      folder: this.#layout.folder,
      owner,
      env: { PATH: process.env["PATH"] ?? "", HOME: home, TMPDIR: home, XDG_CACHE_HOME: home },
      command: ["/bin/sh", "-c", UMASK, "sh", ...zerovm],
      outlives: this.#options.outlives ?? false,
      isReady: saidALine,
    };
  }
}

/** Both print one line when they are ready. */
function saidALine({ output }: ServerProcess): boolean {
  return existsSync(output) && readFileSync(output, "utf8").includes("\n");
}
