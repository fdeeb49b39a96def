import type { BlockGraph } from "./block-graph.ts";
import type { Partition } from "./functions.ts";

/** One function: its blocks as nodes, and what is live between them. */
export interface FunctionPlan {
  readonly head: number;
  /** Block of each node; node 0 is the head. */
  readonly blocks: readonly number[];
  readonly successors: readonly (readonly number[])[];
  /** Node of a block. */
  readonly nodeOf: ReadonlyMap<number, number>;
  /** Registers that are read before they are written, by node. */
  readonly liveIn: Uint32Array;
  /** Status flags that are, by node. */
  readonly flagsIn: Uint8Array;
  /** What the instructions of each node do to registers and flags, taken together. */
  readonly sums: BlockSums;
  /** Registers whose value may be newer than that in their global, at the end of each node. */
  readonly dirtyOut: Uint32Array;
}

/** Effects of whole blocks by node: what is read before it is written, and what is written. */
interface BlockSums {
  readonly reads: Uint32Array;
  readonly writes: Uint32Array;
  readonly flagsRead: Uint8Array;
  readonly flagsKilled: Uint8Array;
}

function sumsOf(graph: BlockGraph, blocks: readonly number[]): BlockSums {
  const { effects } = graph.text;
  const reads = new Uint32Array(blocks.length);
  const writes = new Uint32Array(blocks.length);
  const flagsRead = new Uint8Array(blocks.length);
  const flagsKilled = new Uint8Array(blocks.length);
  for (const [node, block] of blocks.entries()) {
    let [read, written, flags, killed] = [0, 0, 0, 0];
    for (let at = graph.last[block] ?? 0; at >= (graph.first[block] ?? 0); at--) {
      read = (read & ~(effects.writes[at] ?? 0)) | (effects.reads[at] ?? 0);
      written |= effects.writes[at] ?? 0;
      flags = (flags & ~(effects.flagsKilled[at] ?? 0)) | (effects.flagsRead[at] ?? 0);
      killed |= effects.flagsKilled[at] ?? 0;
    }
    reads[node] = read;
    writes[node] = written;
    flagsRead[node] = flags;
    flagsKilled[node] = killed;
  }
  return { reads, writes, flagsRead, flagsKilled };
}

/** Plans of all functions of a partition; liveness is still without what stores need. */
export function planFunctions(graph: BlockGraph, partition: Partition): FunctionPlan[] {
  const blocks = new Map<number, number[]>();
  for (const head of partition.heads) blocks.set(head, [head]);
  for (let block = 0; block < graph.count; block++) {
    const owner = partition.owner[block] ?? -1;
    if (owner !== -1 && owner !== block) blocks.get(owner)?.push(block);
  }
  return [...blocks].map(([head, own]) => planOf(graph, head, own));
}

function planOf(graph: BlockGraph, head: number, blocks: readonly number[]): FunctionPlan {
  const nodeOf = new Map(blocks.map((block, node) => [block, node]));
  const successors = blocks.map((block) => {
    const nodes: number[] = [];
    graph.successors(block, (next) => {
      const node = nodeOf.get(next);
      if (node !== undefined && !nodes.includes(node)) nodes.push(node);
    });
    return nodes;
  });
  return {
    head,
    blocks,
    successors,
    nodeOf,
    liveIn: new Uint32Array(blocks.length),
    flagsIn: new Uint8Array(blocks.length),
    sums: sumsOf(graph, blocks),
    dirtyOut: new Uint32Array(blocks.length),
  };
}
