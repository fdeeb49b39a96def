import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingOf } from "../packages.ts";
import { assembleServers, type ClusterServers } from "./assemble.ts";
import type { ConnectionTraffic } from "./counting-relay.ts";
import { Layout } from "./layout.ts";
import { endProcesses } from "./marked-processes.ts";
import { CLUSTER_USERS, type ClusterOptions } from "./options.ts";
import { SWIFT_PACKAGES, SWIFT_SCRIPT } from "./packages.ts";
import type { ServerProcess } from "./server-process.ts";
import type { SwiftNode } from "./swift-node.ts";

/** Bytes to and from the object server of one node. */
export interface NodeTraffic extends ConnectionTraffic {
  readonly node: string;
  /** Oldest first; the sums are over all of them. */
  readonly connections: readonly ConnectionTraffic[];
}

/** A cluster of OpenStack Swift on this machine: a proxy and storage nodes, all of them ready. */
export interface SwiftCluster extends ClusterServers {
  readonly folder: string;
  /** Where users sign in. */
  readonly authUrl: string;
  readonly users: typeof CLUSTER_USERS;
  /** Since the start. @throws Error where the cluster was not started with `counted` */
  traffic(): NodeTraffic[];
  /** Ends all processes and removes the folder. */
  stop(): Promise<void>;
}

/** Starts a cluster, and waits until all of it is ready. A start that fails leaves nothing. */
export async function startCluster(options: ClusterOptions = {}): Promise<SwiftCluster> {
  refuseToStart(options);
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "zerovm-swift-"));
  if (options.folder !== undefined) mkdirSync(folder);
  let servers: ClusterServers | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all(servers?.nodes.map(({ relay }) => relay?.close()) ?? []);
    await removeCluster(folder);
  };
  try {
    const layout = new Layout(folder);
    layout.refuseBadPlace();
    options.onProgress?.("writing settings and rings");
    servers = await assembleServers(layout, options);
    options.abort?.throwIfAborted();
    await startServers(servers, options);
  } catch (cause) {
    await stop();
    throw cause;
  }
  const { nodes, url } = servers;
  const users = CLUSTER_USERS;
  const traffic = (): NodeTraffic[] => nodes.map(trafficOf);
  return { ...servers, folder, authUrl: `${url}/auth/v1.0`, users, traffic, stop };
}

/** Ends all processes of the cluster in this folder, whoever started it, and removes the folder. */
export async function removeCluster(folder: string): Promise<void> {
  await endProcesses(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** All servers of a cluster. */
export function serversOf({ nodes, cache, proxy, coordinator }: ClusterServers): ServerProcess[] {
  const own = [cache, proxy, ...(coordinator === undefined ? [] : [coordinator])];
  return [...own, ...nodes.flatMap(({ processes }) => processes)];
}

function refuseToStart({ folder }: ClusterOptions): void {
  if (process.getuid?.() !== 0) {
    throw new Error("A cluster of Swift runs as several users: start it as root");
  }
  const missing = missingOf(SWIFT_PACKAGES);
  if (missing.length > 0) {
    throw new Error(`No ${missing.join(", ")} here: run ${SWIFT_SCRIPT}`);
  }
  if (folder !== undefined && existsSync(folder)) {
    throw new Error(`${folder} is there already, and a cluster needs a folder of its own`);
  }
}

/** All at a time: most of it is Python that reads its modules. */
async function startServers(
  servers: ClusterServers,
  { onProgress, abort }: ClusterOptions,
): Promise<void> {
  const all = serversOf(servers);
  let ready = 0;
  onProgress?.(`starting ${all.length} servers`);
  const starts = all.map(async (server) => {
    await server.start(abort);
    onProgress?.(`${server.name} is ready (${++ready} of ${all.length})`);
  });
  // The first that fails ends the start; the others notice when their processes are ended.
  await Promise.all(starts);
}

function trafficOf({ name, relay }: SwiftNode): NodeTraffic {
  if (relay === undefined) throw new Error("Start the cluster with { counted: true }");
  const { connections } = relay;
  const sum = (of: keyof ConnectionTraffic) =>
    connections.reduce((bytes, connection) => bytes + connection[of], 0);
  return {
    node: name,
    toServerBytes: sum("toServerBytes"),
    fromServerBytes: sum("fromServerBytes"),
    connections,
  };
}
