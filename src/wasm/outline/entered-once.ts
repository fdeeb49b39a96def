import type { BodyCursor } from "../rewrite/index.ts";
import type { Bodies } from "./bodies.ts";
import { CallWalk } from "./call-walk.ts";

/** How far the walk over the calls of a program goes. */
export interface WalkBounds {
  /** Calls that may lie between an entry and a function. */
  readonly callDepthMax: number;
  /** Once so many bytes of code were looked at, the walk ends. */
  readonly codeBytesMax: number;
  /** A longer function is left out, and what it calls. */
  readonly bodyBytesMax: number;
  /** A function of at most this size is taken for any loop that it has. */
  readonly smallBytesMax: number;
  /** A larger one is taken only for a loop of as many instructions that calls nobody by name. */
  readonly busyLoopMin: number;
  /** A function is taken as well for a loop of as many instructions, whatever that calls. */
  readonly longLoopMin: number;
}

/** A function that is called from more places, or from a loop, is not entered once. */
const CALLS_MAX = 2;

/** What is known of a function so far. */
interface Callee {
  /** Calls between an entry and the function. */
  readonly depth: number;
  callCount: number;
  hasBusyLoop: boolean;
}

/**
 * Finds functions with loops that a program plausibly enters once: its entries, and what these
 * call outside of loops, and so on, nearest first. What is entered often, the engine finds by
 * itself.
 */
export function findEnteredOnce(
  cursor: BodyCursor,
  bodies: Bodies,
  entries: readonly number[],
  bounds: WalkBounds,
): number[] {
  const known = new Map<number, Callee>();
  for (const entry of entries) known.set(entry, { depth: 0, callCount: 0, hasBusyLoop: false });
  const walk = new CallWalk(cursor);
  let bytesLeft = bounds.codeBytesMax;
  // A map can grow while it is walked over: what a function calls comes after all found before.
  for (const [functionIndex, callee] of known) {
    if (bytesLeft <= 0) break;
    const body = bodies.find(functionIndex);
    if (body === undefined) continue;
    const size = body.end - body.start;
    if (size > bounds.bodyBytesMax) continue;
    bytesLeft -= size;
    if (!walk.over(body)) continue;
    const busyMin = size > bounds.smallBytesMax ? bounds.busyLoopMin : 1;
    callee.hasBusyLoop = walk.busiestLoop >= busyMin || walk.longestLoop >= bounds.longLoopMin;
    noteCalls(known, walk, callee.depth < bounds.callDepthMax ? callee.depth + 1 : undefined);
  }
  const once = [...known].filter(([, it]) => it.hasBusyLoop && it.callCount <= CALLS_MAX);
  return once.map(([functionIndex]) => functionIndex);
}

/** @param depth that of functions that were not met before; none where they are too far away */
function noteCalls(known: Map<number, Callee>, walk: CallWalk, depth: number | undefined): void {
  for (const index of walk.callees) {
    const met = known.get(index);
    if (met !== undefined) met.callCount++;
    else if (depth !== undefined) known.set(index, { depth, callCount: 1, hasBusyLoop: false });
  }
  for (const index of walk.calleesInLoops) {
    const met = known.get(index);
    if (met !== undefined) met.callCount = CALLS_MAX + 1;
  }
}
