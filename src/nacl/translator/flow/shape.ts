import { type Dominance, dominanceOf, dominates } from "./dominators.ts";
import { LoopNest } from "./loop-nest.ts";
import { multipleEntryLoops } from "./multiple-entry-loops.ts";

/** A function's flow in the form that blocks and loops can express. */
export interface Shape {
  /** Successors by node. Nodes from `blockCount` on are dispatchers: they only choose. */
  readonly successors: readonly (readonly number[])[];
  readonly blockCount: number;
  readonly dominance: Dominance;
  /** Dispatcher that jumps to a node have to go through, or -1. */
  readonly dispatcher: Int32Array;
  /** 1 for a node that some later node jumps back to. */
  readonly isLoop: Uint8Array;
  /** 1 for a node that needs a label, as it is reached from several places. */
  readonly isLabel: Uint8Array;
  /** Nodes with labels that a node dominates directly, in the order of their code. */
  readonly labelsBelow: readonly (readonly number[])[];
  /** Nodes that a loop leads to, by its head: they stand behind the loop, not within. */
  readonly labelsBehind: readonly (readonly number[])[];
}

/**
 * Finds the form of a flow graph; loops of several entries get a dispatcher.
 * @param choices nodes that end in a choice of many, whose targets all need labels.
 * @param flat every jump goes through one dispatcher: for what is too large or too deep.
 */
export function shapeOf(
  successors: readonly (readonly number[])[],
  choices: ReadonlySet<number>,
  flat: boolean,
): Shape {
  const blockCount = successors.length;
  let groups: readonly (readonly number[])[] = [];
  let dominance: Dominance | undefined;
  if (flat) groups = [successors.map((_, node) => node)];
  else {
    dominance = dominanceOf({ successors });
    if (isIrreducible(successors, dominance)) {
      groups = multipleEntryLoops(successors);
      dominance = undefined;
    }
  }
  const dispatcher = new Int32Array(blockCount + groups.length).fill(-1);
  const routed = withDispatchers(successors, groups, dispatcher);
  dominance ??= dominanceOf({ successors: routed });
  const switches = new Set(choices);
  for (let node = blockCount; node < routed.length; node++) switches.add(node);
  return {
    successors: routed,
    blockCount,
    dispatcher,
    dominance,
    ...marks(routed, dominance, switches),
  };
}

function isIrreducible(successors: readonly (readonly number[])[], dominance: Dominance): boolean {
  const { order, place } = dominance;
  return order.some((node) =>
    (successors[node] ?? []).some(
      (next) => (place[next] ?? 0) <= (place[node] ?? 0) && !dominates(dominance, next, node),
    ),
  );
}

/** Node 0 stays the entry: what is routed away from it goes through its dispatcher as well. */
function withDispatchers(
  successors: readonly (readonly number[])[],
  groups: readonly (readonly number[])[],
  dispatcher: Int32Array,
): readonly (readonly number[])[] {
  for (const [index, group] of groups.entries()) {
    for (const node of group) dispatcher[node] = successors.length + index;
  }
  const route = (node: number) => {
    const by = dispatcher[node] ?? -1;
    return by === -1 ? node : by;
  };
  const routed = successors.map((nexts) => [...new Set(nexts.map(route))]);
  for (const group of groups) routed.push([...group]);
  return routed;
}

function marks(
  successors: readonly (readonly number[])[],
  dominance: Dominance,
  switches: ReadonlySet<number>,
): Pick<Shape, "isLoop" | "isLabel" | "labelsBelow" | "labelsBehind"> {
  const { order, place, parent } = dominance;
  const isLoop = new Uint8Array(successors.length);
  const isLabel = new Uint8Array(successors.length);
  const forward = new Int32Array(successors.length);
  for (const node of order) {
    for (const next of successors[node] ?? []) {
      if ((place[next] ?? 0) <= (place[node] ?? 0)) isLoop[next] = 1;
      else if (switches.has(node)) forward[next] = 2;
      else forward[next] = (forward[next] ?? 0) + 1;
    }
  }
  const labelsBelow: number[][] = successors.map(() => []);
  const labelsBehind: number[][] = successors.map(() => []);
  const nest = new LoopNest(dominance, isLoop);
  for (const node of order) {
    if (node === 0) continue;
    const above = parent[node] ?? 0;
    const left = nest.leftBetween(above, node);
    if (left === -1 && (forward[node] ?? 0) < 2) continue;
    isLabel[node] = 1;
    if (left === -1) labelsBelow[above]?.push(node);
    else labelsBehind[left]?.push(node);
  }
  return { isLoop, isLabel, labelsBelow, labelsBehind };
}
