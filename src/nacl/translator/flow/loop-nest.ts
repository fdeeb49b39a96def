import type { Dominance } from "./dominators.ts";

/** Which loops a node is in, in a graph whose loops have one entry each. */
export class LoopNest {
  /** For each node, the head of the innermost loop around it, other than itself; -1 for none. */
  readonly #outer: Int32Array;
  /** How many loops are around a node, its own included. */
  readonly #depth: Int32Array;
  readonly #isHead: Uint8Array;

  constructor(dominance: Dominance, isHead: Uint8Array) {
    this.#isHead = isHead;
    this.#outer = outerHeads(dominance, isHead);
    this.#depth = new Int32Array(isHead.length);
    for (const node of dominance.order) {
      const outer = this.#outer[node] ?? -1;
      const around = outer === -1 ? 0 : (this.#depth[outer] ?? 0);
      this.#depth[node] = around + (isHead[node] ?? 0);
    }
  }

  /** The head of the outermost loop that `inside` is in and `node` is not; -1 where none is. */
  leftBetween(inside: number, node: number): number {
    let around = this.#innermost(node);
    let left = -1;
    for (let loop = this.#innermost(inside); loop !== -1; loop = this.#outer[loop] ?? -1) {
      const depth = this.#depth[loop] ?? 0;
      while (around !== -1 && (this.#depth[around] ?? 0) > depth)
        around = this.#outer[around] ?? -1;
      if (around === loop) break;
      left = loop;
    }
    return left;
  }

  #innermost(node: number): number {
    return this.#isHead[node] === 1 ? node : (this.#outer[node] ?? -1);
  }
}

/** Goes from inner loops to outer ones, and takes an inner loop for one node. */
function outerHeads({ order, place, predecessors }: Dominance, isHead: Uint8Array): Int32Array {
  const outer = new Int32Array(isHead.length).fill(-1);
  /** The outermost loop found yet that a node is in, with short cuts. */
  const around = Int32Array.from(isHead, (_, node) => node);
  const outermost = (node: number): number => {
    let at = node;
    while (around[at] !== at) {
      around[at] = around[around[at] ?? 0] ?? 0;
      at = around[at] ?? 0;
    }
    return at;
  };
  for (let index = order.length - 1; index >= 0; index--) {
    const head = order[index] ?? 0;
    if (isHead[head] !== 1) continue;
    const isBack = (before: number) => (place[before] ?? 0) >= index;
    const open = (predecessors[head] ?? []).filter(isBack).map(outermost);
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node === head || around[node] !== node) continue;
      outer[node] = head;
      around[node] = head;
      for (const before of predecessors[node] ?? []) {
        const next = outermost(before);
        if (next !== node && next !== head) open.push(next);
      }
    }
  }
  return outer;
}
