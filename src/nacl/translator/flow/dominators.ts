/** A flow graph whose nodes are numbers from 0, which is where it is entered. */
export interface FlowGraph {
  readonly successors: readonly (readonly number[])[];
}

/** Order and dominators of the nodes that are reached from node 0. */
export interface Dominance {
  /** Nodes in reverse postorder. */
  readonly order: readonly number[];
  /** Place of a node in `order`; -1 for those that are not reached. */
  readonly place: Int32Array;
  /** The nearest node that all ways to a node go through; 0 for node 0. */
  readonly parent: Int32Array;
  readonly predecessors: readonly (readonly number[])[];
}

/** Finds the dominators by the iteration of Cooper, Harvey and Kennedy. */
export function dominanceOf({ successors }: FlowGraph): Dominance {
  const order = reversePostorder(successors);
  const place = new Int32Array(successors.length).fill(-1);
  for (const [at, node] of order.entries()) place[node] = at;
  const predecessors: number[][] = successors.map(() => []);
  for (const node of order) {
    for (const next of successors[node] ?? []) predecessors[next]?.push(node);
  }
  const parent = new Int32Array(successors.length).fill(-1);
  parent[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of order) {
      if (node === 0) continue;
      let found = -1;
      for (const before of predecessors[node] ?? []) {
        if (parent[before] === -1) continue;
        found = found === -1 ? before : meet(before, found, parent, place);
      }
      if (parent[node] !== found) {
        parent[node] = found;
        changed = true;
      }
    }
  }
  return { order, place, parent, predecessors };
}

/** Whether every way to `node` goes through `above`. */
export function dominates(dominance: Dominance, above: number, node: number): boolean {
  const { parent, place } = dominance;
  const limit = place[above] ?? 0;
  let at = node;
  while ((place[at] ?? 0) > limit) at = parent[at] ?? 0;
  return at === above;
}

function meet(one: number, other: number, parent: Int32Array, place: Int32Array): number {
  let left = one;
  let right = other;
  while (left !== right) {
    while ((place[left] ?? 0) > (place[right] ?? 0)) left = parent[left] ?? 0;
    while ((place[right] ?? 0) > (place[left] ?? 0)) right = parent[right] ?? 0;
  }
  return left;
}

function reversePostorder(successors: readonly (readonly number[])[]): number[] {
  const state = new Int32Array(successors.length).fill(-1);
  const order: number[] = [];
  const path = [0];
  state[0] = 0;
  for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
    const step = state[node] ?? 0;
    const next = successors[node]?.[step];
    state[node] = step + 1;
    if (next === undefined) {
      order.push(node);
      path.pop();
    } else if (state[next] === -1) {
      state[next] = 0;
      path.push(next);
    }
  }
  return order.reverse();
}
