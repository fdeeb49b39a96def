import type { Located, StorageHost } from "./storage-host.ts";

/** A place where an instance can run. */
export interface Spot {
  readonly host: StorageHost;
  /** A partition of that device: that of the object, where the object lies there. */
  readonly partition: number;
  /** Whether the object beside which the instance runs should lie there; else all is brought. */
  readonly isLocal: boolean;
}

/** The places of an object, or of nothing that lies there. */
export function spotsOf({ partition, hosts }: Located, isLocal: boolean): Spot[] {
  return hosts.map((host) => ({ host, partition, isLocal }));
}
