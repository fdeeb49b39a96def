import { randomBytes, randomInt } from "node:crypto";
import { freePorts } from "../../test/support/free-ports.ts";
import { CountingRelay } from "./counting-relay.ts";
import { JobPlans } from "./job-plans.ts";
import { type Layout, ROOT } from "./layout.ts";
import type { ClusterOptions } from "./options.ts";
import { type Bound, DAEMONS, swiftText } from "./pipelines.ts";
import { SwiftPlans } from "./plans.ts";
import { ServerProcess } from "./server-process.ts";
import { SwiftNode } from "./swift-node.ts";

const REPLICAS_MOST = 3;

/** The servers of a cluster; none of them runs yet. */
export interface ClusterServers {
  readonly url: string;
  readonly proxy: ServerProcess;
  readonly cache: ServerProcess;
  readonly coordinator: ServerProcess | undefined;
  readonly nodes: readonly SwiftNode[];
}

/** What all nodes of a cluster are made with. */
interface Common {
  readonly options: ClusterOptions;
  readonly layout: Layout;
  readonly plans: SwiftPlans;
  readonly jobs: JobPlans | undefined;
  /** The first three numbers of their addresses. */
  readonly network: string;
}

/**
 * Writes settings and rings. Each node has an address of its own, as it would have elsewhere, of
 * those that loop back, in a network that no other cluster has.
 */
export async function assembleServers(
  layout: Layout,
  options: ClusterOptions,
): Promise<ClusterServers> {
  const { filters = true, coded = false } = options;
  if (filters) layout.installFilters();
  const network = `127.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const plans = new SwiftPlans(layout, options);
  const jobs = filters ? new JobPlans(layout, options) : undefined;
  const common = { options, layout, plans, jobs, network };
  const names = Array.from({ length: options.nodes ?? 3 }, (_, at) => `node${at + 1}`);
  const nodes = await Promise.all(names.map((name, at) => assembleNode(name, at, common)));
  layout.write("swift.conf", swiftText({ salt: randomBytes(16).toString("hex"), coded }));
  layout.buildRings(nodes.map(addressesOf), {
    replicas: Math.min(nodes.length, REPLICAS_MOST),
    coded,
  });
  const cacheAt = await anyPort(`${network}.100`);
  const proxyAt = await anyPort("127.0.0.1");
  const isRunning = jobs !== undefined && options.withoutJobs !== true;
  return {
    nodes,
    url: `http://${proxyAt.ip}:${proxyAt.port}`,
    cache: new ServerProcess(plans.cache(cacheAt)),
    proxy: new ServerProcess(plans.proxy(proxyAt, cacheAt, jobs?.coordinatorSocket)),
    coordinator: isRunning ? new ServerProcess(jobs.coordinator()) : undefined,
  };
}

async function assembleNode(name: string, at: number, common: Common): Promise<SwiftNode> {
  const { options, layout, plans, jobs, network } = common;
  const ip = `${network}.${at + 1}`;
  const [object = 0, container = 0, account = 0] = await freePorts(3, ip);
  const ports = { object, container, account };
  layout.make(name, ROOT, 0o755);
  // Swift lets all users read its files: the folder is what keeps the others from them.
  const devices = layout.make(`${name}/devices`, layout.swift, 0o700);
  layout.make(`${name}/devices/d1`, layout.swift, 0o755);
  const ours = jobs && {
    workerSocket: jobs.workerSocket(name, at),
    secretFile: jobs.secretFile,
  };
  const server = (kind: keyof typeof ports) => {
    const own = { ip, port: ports[kind], devices, ...(ours && { jobs: ours }) };
    return new ServerProcess(plans.storage(name, kind, own));
  };
  const isRunning = jobs !== undefined && options.withoutJobs !== true;
  return new SwiftNode({
    name,
    ip,
    ports,
    devices,
    servers: {
      object: server("object"),
      container: server("container"),
      account: server("account"),
    },
    daemons: DAEMONS.map((one) => new ServerProcess(plans.daemon(name, one))),
    worker: isRunning ? new ServerProcess(jobs.worker(name, at)) : undefined,
    relay: options.counted ? await CountingRelay.open(ip, { ip, port: object }) : undefined,
  });
}

/** Where the rings say that a node is. */
function addressesOf({ ip, ports, relay }: SwiftNode) {
  const at = (port: number): Bound => ({ ip, port });
  return {
    object: at(relay?.port ?? ports.object),
    container: at(ports.container),
    account: at(ports.account),
  };
}

async function anyPort(ip: string): Promise<Bound> {
  const [port = 0] = await freePorts(1, ip);
  return { ip, port };
}
