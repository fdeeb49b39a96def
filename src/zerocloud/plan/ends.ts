import type { Plan } from "./plan.ts";

/** A channel of a node that leads to another node. */
export interface NodeEnd {
  readonly device: string;
  readonly access: "read" | "write";
  /** Ids of all instances at the other end, in the order of copies: one source each. */
  readonly peers: readonly number[];
}

const NO_ENDS: readonly NodeEnd[] = Object.freeze([]);

/** The ends of all connections of a plan, by the number of their node. */
export class PlanEnds {
  readonly #ends = new Map<number, readonly NodeEnd[]>();

  constructor({ nodes, connections }: Pick<Plan, "nodes" | "connections">) {
    const instances = new Map(nodes.map((node) => [node.id, node.instances]));
    const written = new Map<number, NodeEnd[]>();
    const read = new Map<number, NodeEnd[]>();
    for (const { from, to, output, input } of connections) {
      add(written, from, { device: output, access: "write", peers: instances.get(to) ?? [] });
      add(read, to, { device: input, access: "read", peers: instances.get(from) ?? [] });
    }
    for (const { id } of nodes) {
      const ends = [...(written.get(id) ?? []), ...(read.get(id) ?? [])];
      if (ends.length > 0) this.#ends.set(id, ends);
    }
  }

  /** As in the original's manifest: those that the node writes to, then those that it reads. */
  of(node: number): readonly NodeEnd[] {
    return this.#ends.get(node) ?? NO_ENDS;
  }
}

function add(lists: Map<number, NodeEnd[]>, node: number, end: NodeEnd): void {
  const list = lists.get(node);
  if (list === undefined) lists.set(node, [end]);
  else list.push(end);
}
