import type { Plan, PlannedNode } from "./plan.ts";

/** A node or one of its copies. */
export interface Instance {
  readonly id: number;
  readonly node: PlannedNode;
  /** 0 for the node itself, which alone gives results. */
  readonly copy: number;
  /** Instances with one label share a server where they can; the first one chooses it. */
  readonly label?: string;
  readonly isLeader: boolean;
}

/**
 * All instances in the order of results: those that choose a server for others first, then the
 * rest, each in the order of the nodes, copies behind their node.
 */
export function instancesOf(plan: Plan): readonly Instance[] {
  const labels = new Set<string>();
  const all = plan.nodes.flatMap((node) =>
    node.instances.map((id, copy): Instance => {
      if (node.location === undefined) return { id, node, copy, isLeader: false };
      const label = `${node.location}-${copy}`;
      const isLeader = !labels.has(label);
      labels.add(label);
      return { id, node, copy, label, isLeader };
    }),
  );
  return [...all.filter(({ isLeader }) => isLeader), ...all.filter(({ isLeader }) => !isLeader)];
}
