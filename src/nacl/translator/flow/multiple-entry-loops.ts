/** Work, as multiples of the graph's size, after which one dispatcher serves for all. */
const ROUNDS_MAX = 40;

/**
 * Finds the loops that are entered at several nodes, and these nodes. When all jumps to the nodes
 * of a group go through a node of their own, what is left has only loops of one entry.
 */
export function multipleEntryLoops(
  successors: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const groups: number[][] = [];
  const predecessors: number[][] = successors.map(() => []);
  for (const [node, nexts] of successors.entries()) {
    for (const next of nexts) predecessors[next]?.push(node);
  }
  const removed = new Uint8Array(successors.length);
  let open: number[][] = [successors.map((_, node) => node)];
  for (let round = 0; open.length > 0; round++) {
    if (round > ROUNDS_MAX) return [successors.map((_, node) => node)];
    const inner: number[][] = [];
    for (const nodes of open) {
      for (const loop of loopsIn(successors, nodes, removed)) {
        const entries = entriesOf(predecessors, loop, removed);
        if (entries.length > 1) groups.push(entries);
        for (const entry of entries) removed[entry] = 1;
        inner.push(loop);
      }
    }
    open = inner;
  }
  return disjoint(groups);
}

/** A node that is an entry of two nested loops goes to the outer one. */
function disjoint(groups: readonly (readonly number[])[]): number[][] {
  const seen = new Set<number>();
  return groups.map((group) => {
    const rest = group.filter((node) => !seen.has(node));
    for (const node of rest) seen.add(node);
    return rest;
  });
}

/** Nodes of a loop that are reached from outside of it, or as the entry of all. */
function entriesOf(
  predecessors: readonly (readonly number[])[],
  loop: readonly number[],
  removed: Uint8Array,
): number[] {
  const inside = new Set(loop);
  return loop.filter(
    (node) =>
      removed[node] === 0 &&
      (node === 0 || (predecessors[node] ?? []).some((before) => !inside.has(before))),
  );
}

/** Strongly connected parts, with more than one node or a jump to itself, without `removed`. */
function loopsIn(
  successors: readonly (readonly number[])[],
  nodes: readonly number[],
  removed: Uint8Array,
): number[][] {
  const inside = new Set(nodes.filter((node) => removed[node] === 0));
  const found: number[][] = [];
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const stack: number[] = [];
  const onStack = new Set<number>();
  for (const root of inside) {
    if (index.has(root)) continue;
    const path: [node: number, step: number][] = [[root, 0]];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const [node, step] = top;
      if (step === 0) {
        index.set(node, index.size);
        low.set(node, index.size - 1);
        stack.push(node);
        onStack.add(node);
      }
      const next = successors[node]?.[step];
      if (next !== undefined) {
        top[1]++;
        if (!inside.has(next)) continue;
        if (!index.has(next)) path.push([next, 0]);
        else if (onStack.has(next)) lower(low, node, index.get(next) ?? 0);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) lower(low, above[0], low.get(node) ?? 0);
      if (low.get(node) === index.get(node)) takePart(node, stack, onStack, successors, found);
    }
  }
  return found;
}

function lower(low: Map<number, number>, node: number, value: number): void {
  if (value < (low.get(node) ?? 0)) low.set(node, value);
}

function takePart(
  root: number,
  stack: number[],
  onStack: Set<number>,
  successors: readonly (readonly number[])[],
  found: number[][],
): void {
  const part: number[] = [];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    onStack.delete(node);
    part.push(node);
    if (node === root) break;
  }
  if (part.length > 1 || (successors[root] ?? []).includes(root)) found.push(part);
}
