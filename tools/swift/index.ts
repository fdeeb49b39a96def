/** A cluster of OpenStack Swift at hand: for `npm run swift:up`, tests and benchmarks. */
export type { NodeTraffic, SwiftCluster } from "./cluster.ts";
export { removeCluster, serversOf, startCluster } from "./cluster.ts";
export type { ConnectionTraffic } from "./counting-relay.ts";
export { markedProcesses } from "./marked-processes.ts";
export type { ClusterOptions } from "./options.ts";
export { CLUSTER_USERS } from "./options.ts";
export { SWIFT_PACKAGES, SWIFT_SCRIPT } from "./packages.ts";
export type { Extra, SwiftUser } from "./pipelines.ts";
export { EXTRAS, POLICIES } from "./pipelines.ts";
export type { ServerProcess } from "./server-process.ts";
export type { SwiftNode } from "./swift-node.ts";
