/** The hosts of a cluster: which one runs a node, what it is sent, and how connected ones start. */
export { askThrough } from "./ask-for-word.ts";
export { ClusterHost } from "./cluster-host.ts";
export { HostGates } from "./host-gates.ts";
export { HostPulse, type PulseTimes } from "./host-pulse.ts";
export { ObjectServers } from "./object-servers.ts";
export { ProgramBook } from "./program-book.ts";
export { ProgramSends } from "./program-sends.ts";
