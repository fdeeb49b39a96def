import type { Instance, PlannedNode } from "../plan/index.ts";
import type { PreparedNode } from "./node-place.ts";

/** The instances of each node that a job runs. */
export type InstancesByNode = ReadonlyMap<PlannedNode, readonly Instance[]>;

/** A node that may begin, with its instances: itself first. */
export interface NodeInstances {
  readonly opened: PreparedNode;
  readonly instances: readonly Instance[];
}

/** Nodes in the order of results, each with itself first and then its copies. */
export function byNode(instances: readonly Instance[]): InstancesByNode {
  const groups = new Map<PlannedNode, Instance[]>();
  for (const instance of instances) {
    const group = groups.get(instance.node);
    if (group === undefined) groups.set(instance.node, [instance]);
    else group.push(instance);
  }
  for (const group of groups.values()) group.sort((one, other) => one.copy - other.copy);
  return groups;
}

/** Whether a node has connections, and so runs together with all others that have some. */
export function isConnected({ pool }: PlannedNode): boolean {
  return pool === "cluster";
}
