import { FLOW } from "../../x86/index.ts";
import { STATUS_FLAGS } from "../guest/index.ts";
import type { BlockGraph } from "./block-graph.ts";
import type { FunctionPlan } from "./function-nodes.ts";
import type { Partition } from "./functions.ts";

/** Registers that functions take as parameters and give back as results, in this order. */
export const PASSED = [4, 0, 7, 3] as const;
const PASSED_SET = PASSED.reduce<number>((set, register) => set | (1 << register), 0);

/** What functions hand on to each other in globals. */
export interface Traffic {
  /** Registers that some function reads from a global. */
  registers: number;
  /** Flags that the function with this head reads from its caller. */
  readonly flags: Map<number, number>;
}

/**
 * Finds what is live in all functions. Registers that nobody reads from a global need no store
 * before calls and returns.
 * @param alsoRead registers that something outside of the code reads.
 * @param flags what is known of the flags that functions of other modules read.
 */
export function findLiveness(
  graph: BlockGraph,
  partition: Partition,
  plans: readonly FunctionPlan[],
  alsoRead: number,
  flags: ReadonlyMap<number, number> = new Map(),
): Traffic {
  const traffic: Traffic = { registers: alsoRead, flags: findFlags(graph, plans, flags) };
  for (const plan of plans) {
    spreadDirty(graph, plan);
    spreadLive(graph, plan, () => 0);
    traffic.registers |= readFromGlobals(graph, plan);
  }
  if (goesAnywhere(graph, partition)) traffic.registers = ~0;
  traffic.registers &= ~PASSED_SET;
  for (const plan of plans) {
    spreadLive(graph, plan, (node) => storesOf(graph, plan, node, partition, traffic.registers));
  }
  return traffic;
}

/**
 * Finds the status flags that are live in all functions, and gives those that each reads from its
 * caller, by its head: in `known` for functions of other modules.
 */
export function findFlags(
  graph: BlockGraph,
  plans: readonly FunctionPlan[],
  known: ReadonlyMap<number, number> = new Map(),
): Map<number, number> {
  const heads = new Map(known);
  spreadFlags(graph, plans, heads);
  return heads;
}

/** Whether there are jumps whose targets are not known: what they reach may read anything. */
function goesAnywhere(graph: BlockGraph, partition: Partition): boolean {
  return [...partition.origins].some(
    ([block, { kind }]) => kind !== "return" && !graph.tables.has(block),
  );
}

/**
 * Registers that a node has to store into globals where it leaves the function: those that are
 * read somewhere, or all where it jumps to a place that may be any.
 */
export function storesOf(
  graph: BlockGraph,
  plan: FunctionPlan,
  node: number,
  partition: Partition,
  read: number,
): number {
  const block = plan.blocks[node] ?? 0;
  const origin = partition.origins.get(block);
  const isCall = graph.flowOf(block) === FLOW["indirect-call"];
  const all = isCall || (origin !== undefined && origin.kind !== "return");
  return (plan.dirtyOut[node] ?? 0) & ~PASSED_SET & (all ? ~0 : read);
}

/** Whether a block ends in a call: behind it, all registers are in globals. */
export function endsInCall(graph: BlockGraph, block: number): boolean {
  const flow = graph.flowOf(block);
  return flow === FLOW.call || flow === FLOW["indirect-call"];
}

/** Whether control may leave the function at the end of a block, other than by a fault. */
export function mayLeave(graph: BlockGraph, plan: FunctionPlan, block: number): boolean {
  const flow = graph.flowOf(block);
  if (flow === FLOW.halt) return false;
  if (flow !== FLOW.next && flow !== FLOW.jump && flow !== FLOW.branch) return true;
  const next = graph.next[block] ?? -1;
  const target = graph.target[block] ?? -1;
  const outside = (at: number) => plan.nodeOf.get(at) === undefined;
  if (flow !== FLOW.jump && outside(next)) return true;
  return flow !== FLOW.next && outside(target);
}

function spreadDirty(graph: BlockGraph, plan: FunctionPlan): void {
  const dirtyIn = new Uint32Array(plan.blocks.length);
  const open = plan.blocks.map((_, node) => node);
  const queued = new Uint8Array(plan.blocks.length).fill(1);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    queued[node] = 0;
    const out = (dirtyIn[node] ?? 0) | (plan.sums.writes[node] ?? 0);
    plan.dirtyOut[node] = out;
    // Behind a call nothing is dirty: `dirtyOut` is what is so at the call.
    if (endsInCall(graph, plan.blocks[node] ?? 0)) continue;
    for (const next of plan.successors[node] ?? []) {
      const merged = ((dirtyIn[next] ?? 0) | out) >>> 0;
      if (merged === dirtyIn[next]) continue;
      dirtyIn[next] = merged;
      if (queued[next] === 0) open.push(next);
      queued[next] = 1;
    }
  }
}

/** Registers that are live behind a node, with those that it stores. */
export function liveAtEnd(
  graph: BlockGraph,
  plan: FunctionPlan,
  node: number,
  stores: (node: number) => number,
): number {
  const block = plan.blocks[node] ?? 0;
  let live = 0;
  if (mayLeave(graph, plan, block)) live = PASSED_SET | stores(node);
  if (endsInCall(graph, block)) return live;
  for (const next of plan.successors[node] ?? []) live |= plan.liveIn[next] ?? 0;
  return live;
}

function spreadLive(graph: BlockGraph, plan: FunctionPlan, stores: (node: number) => number): void {
  const { sums } = plan;
  const predecessors: number[][] = plan.blocks.map(() => []);
  for (const [node, nexts] of plan.successors.entries()) {
    for (const next of nexts) predecessors[next]?.push(node);
  }
  const open = plan.blocks.map((_, node) => node);
  const queued = new Uint8Array(plan.blocks.length).fill(1);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    queued[node] = 0;
    let live = liveAtEnd(graph, plan, node, stores);
    live = (live & ~(sums.writes[node] ?? 0)) | (sums.reads[node] ?? 0);
    live = ((plan.liveIn[node] ?? 0) | live) >>> 0;
    if (live === plan.liveIn[node]) continue;
    plan.liveIn[node] = live;
    for (const before of predecessors[node] ?? []) {
      if (queued[before] === 0) open.push(before);
      queued[before] = 1;
    }
  }
}

function readFromGlobals(graph: BlockGraph, plan: FunctionPlan): number {
  let set = plan.liveIn[0] ?? 0;
  for (const [node, block] of plan.blocks.entries()) {
    if (!endsInCall(graph, block)) continue;
    for (const next of plan.successors[node] ?? []) set |= plan.liveIn[next] ?? 0;
  }
  return set;
}

/** Flags stay across direct calls and jumps, and so between functions. */
function spreadFlags(
  graph: BlockGraph,
  plans: readonly FunctionPlan[],
  heads: Map<number, number>,
): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const plan of plans) {
      for (let node = plan.blocks.length - 1; node >= 0; node--) {
        const live = flagsBefore(graph, plan, node, heads) | (plan.flagsIn[node] ?? 0);
        if (live === plan.flagsIn[node]) continue;
        plan.flagsIn[node] = live;
        changed = true;
        if (node === 0) heads.set(plan.head, live);
      }
    }
  }
}

function flagsBefore(
  graph: BlockGraph,
  plan: FunctionPlan,
  node: number,
  heads: ReadonlyMap<number, number>,
): number {
  const live = flagsAtEnd(graph, plan, node, heads);
  return (live & ~(plan.sums.flagsKilled[node] ?? 0)) | (plan.sums.flagsRead[node] ?? 0);
}

/** Flags that are live behind the last instruction of a node. */
export function flagsAtEnd(
  graph: BlockGraph,
  plan: FunctionPlan,
  node: number,
  heads: ReadonlyMap<number, number>,
): number {
  const block = plan.blocks[node] ?? 0;
  const flow = graph.flowOf(block);
  if (flow === FLOW["indirect-jump"] || flow === FLOW["indirect-call"] || flow === FLOW.halt) {
    return 0;
  }
  const flagsOf = (at: number) => {
    const inside = plan.nodeOf.get(at);
    return inside === undefined ? (heads.get(at) ?? 0) : (plan.flagsIn[inside] ?? 0);
  };
  if (flow === FLOW.call) {
    return flagsOf(graph.at(graph.text.targetOf(graph.last[block] ?? 0)));
  }
  let live = jumpsOut(graph, block) ? STATUS_FLAGS : 0;
  const next = graph.next[block] ?? -1;
  const target = graph.target[block] ?? -1;
  if (next >= 0) live |= flagsOf(next);
  if (target >= 0) live |= flagsOf(target);
  return live;
}

/** Whether a block ends in a direct jump out of the text, to where nobody knows what is read. */
export function jumpsOut(graph: BlockGraph, block: number): boolean {
  const flow = graph.flowOf(block);
  return (flow === FLOW.jump || flow === FLOW.branch) && (graph.target[block] ?? -1) < 0;
}
