/** Processes of the command line that wait for a command, and what a command has of them. */
export { awaitClient } from "./await-client.ts";
export type { Client } from "./client.ts";
export { handOver } from "./hand-over.ts";
export { HostPool, type HostPoolOptions } from "./host-pool.ts";
