import { FLOW } from "../../x86/index.ts";
import type { DataBytes } from "../guest/index.ts";
import type { BlockGraph } from "./block-graph.ts";
import { type BlockRange, type JumpOrigin, originOf, readTable } from "./jump-tables.ts";

/** Rounds in which shared blocks become functions; hostile code may need one for each block. */
const ROUNDS_MAX = 64;

/** Blocks of a text divided among functions: each belongs to one, that of its head. */
export interface Partition {
  /** Head of the function that a block belongs to; -1 where nothing known leads to it. */
  readonly owner: Int32Array;
  readonly heads: ReadonlySet<number>;
  /** Blocks that end in an indirect jump, with what is known of it. */
  readonly origins: ReadonlyMap<number, JumpOrigin>;
}

export interface Roots {
  /** Blocks that are called, or where the program starts. */
  readonly called: ReadonlySet<number>;
  /** Blocks whose addresses are constants of the program. */
  readonly taken: ReadonlySet<number>;
}

/**
 * Divides a text into functions. A block that is reached from two functions becomes one of its
 * own, so that each block is emitted once.
 */
export function divide(graph: BlockGraph, roots: Roots, data: readonly DataBytes[]): Partition {
  const origins = resolveJumps(graph, roots, data);
  const inTables = new Set<number>();
  for (const table of graph.tables.values()) for (const block of table) inTables.add(block);
  const heads = new Set(roots.called);
  for (const block of roots.taken) if (!inTables.has(block)) heads.add(block);
  const owner = new Int32Array(graph.count);
  for (let round = 0; ; round++) {
    const shared = spread(graph, heads, owner);
    if (shared.size === 0) return { owner, heads, origins };
    for (const block of shared) heads.add(block);
    if (round > ROUNDS_MAX) for (let block = 0; block < graph.count; block++) heads.add(block);
  }
}

/**
 * Divides only what is reached from one place, functions that are called included, up to `walls`:
 * heads of functions that are translated already. What comes out depends on the place alone.
 */
export function divideFrom(
  graph: BlockGraph,
  start: number,
  origins: Partition["origins"],
  walls: ReadonlySet<number>,
): Partition {
  const heads = new Set([start]);
  const owner = new Int32Array(graph.count);
  for (let round = 0; ; round++) {
    const found = spread(graph, heads, owner, walls);
    for (const block of calledBlocks(graph, owner)) {
      if (!walls.has(block) && !heads.has(block)) found.add(block);
    }
    if (found.size === 0) return { owner, heads, origins };
    for (const block of found) heads.add(block);
    if (round <= ROUNDS_MAX) continue;
    for (const [block, head] of owner.entries()) if (head !== -1) heads.add(block);
  }
}

/** Registers that are read by code of which nothing is known to lead to it. */
export function readUnreached({ text, first, last }: BlockGraph, { owner }: Partition): number {
  let set = 0;
  for (const [block, head] of owner.entries()) {
    if (head !== -1) continue;
    for (let at = first[block] ?? 0; at <= (last[block] ?? 0); at++) {
      set |= text.effects.reads[at] ?? 0;
    }
  }
  return set;
}

/** Guest addresses that direct calls of a text name. */
export function callTargets(graph: BlockGraph): number[] {
  const targets: number[] = [];
  for (let block = 0; block < graph.count; block++) {
    if (graph.flowOf(block) !== FLOW.call) continue;
    targets.push(graph.text.targetOf(graph.last[block] ?? 0));
  }
  return targets;
}

/** Where the direct calls of the blocks that have an owner go. */
function* calledBlocks(graph: BlockGraph, owner: Int32Array): Iterable<number> {
  for (const [block, head] of owner.entries()) {
    if (head === -1 || graph.flowOf(block) !== FLOW.call) continue;
    const called = graph.at(graph.text.targetOf(graph.last[block] ?? 0));
    if (called >= 0) yield called;
  }
}

const NO_WALLS: ReadonlySet<number> = new Set();

/** Gives each block the head that it is reached from; returns those reached from several. */
function spread(
  graph: BlockGraph,
  heads: ReadonlySet<number>,
  owner: Int32Array,
  walls: ReadonlySet<number> = NO_WALLS,
): Set<number> {
  const shared = new Set<number>();
  owner.fill(-1);
  for (const head of heads) owner[head] = head;
  const open: number[] = [];
  for (const head of heads) {
    open.push(head);
    for (let block = open.pop(); block !== undefined; block = open.pop()) {
      graph.successors(block, (next) => {
        if (walls.has(next) && !heads.has(next)) return;
        if (owner[next] === -1) {
          owner[next] = head;
          open.push(next);
        } else if (owner[next] !== head && !heads.has(next)) shared.add(next);
      });
    }
  }
  return shared;
}

/** Finds out where indirect jumps may go; what is known for sure the graph has as `tables`. */
export function resolveJumps(
  graph: BlockGraph,
  { called, taken }: Roots,
  data: readonly DataBytes[],
): Map<number, JumpOrigin> {
  const origins = new Map<number, JumpOrigin>();
  const open: number[] = [];
  for (let block = 0; block < graph.count; block++) {
    if (graph.flowOf(block) !== FLOW["indirect-jump"]) continue;
    const origin = originOf(graph, block);
    origins.set(block, origin);
  }
  const walls = [...called].sort((one, two) => one - two);
  const bases = [...origins.values()]
    .map((origin) => (origin.kind === "table" ? origin.address : 0))
    .sort((one, two) => one - two);
  for (const [block, origin] of origins) {
    if (origin.kind === "return") continue;
    const range = rangeAround(walls, block, graph.count);
    let table: readonly number[] = [];
    if (origin.kind === "table") {
      const end = bases[upperBound(bases, origin.address)] ?? Number.POSITIVE_INFINITY;
      table = readTable(graph, data, origin.address, end, range);
    }
    if (table.length > 0) graph.tables.set(block, table);
    else open.push(block);
  }
  guessTargets(graph, open, walls, taken);
  return origins;
}

/** The blocks between the called functions around a block. */
function rangeAround(walls: readonly number[], block: number, count: number): BlockRange {
  const wall = upperBound(walls, block);
  return { from: walls[wall - 1] ?? 0, to: walls[wall] ?? count };
}

/**
 * Jumps of unknown origin, as of an interpreter that keeps the table in a register: any taken
 * address between the called functions around them, from which such a jump is reached. What comes
 * to none is a function of its own, that another jumps to by a pointer at its end.
 */
function guessTargets(
  graph: BlockGraph,
  jumps: readonly number[],
  walls: readonly number[],
  taken: ReadonlySet<number>,
): void {
  if (jumps.length === 0) return;
  const called = new Set(walls);
  const parts = connectedParts(graph);
  const withJumps = new Set(jumps.map((block) => parts(block)));
  const labels = [...taken]
    .filter((block) => !called.has(block) && withJumps.has(parts(block)))
    .sort((one, two) => one - two);
  const ranges = new Map<number, readonly number[]>();
  for (const block of jumps) {
    const { from, to } = rangeAround(walls, block, graph.count);
    const inside =
      ranges.get(from) ?? labels.slice(upperBound(labels, from), upperBound(labels, to - 1));
    ranges.set(from, inside);
    if (inside.length > 0) graph.tables.set(block, inside);
  }
}

/** Finds one block for all that are connected by what is known of the control between them. */
function connectedParts(graph: BlockGraph): (block: number) => number {
  const above = Int32Array.from({ length: graph.count }, (_, block) => block);
  const find = (block: number): number => {
    let top = block;
    while (above[top] !== top) {
      above[top] = above[above[top] ?? 0] ?? 0;
      top = above[top] ?? 0;
    }
    return top;
  };
  for (let block = 0; block < graph.count; block++) {
    graph.successors(block, (next) => {
      above[find(next)] = find(block);
    });
  }
  return find;
}

/** How many of the sorted values are not above one. */
function upperBound(values: readonly number[], value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
