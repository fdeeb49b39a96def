import { ZvmError } from "../../base/index.ts";
import { type BodyCursor, OP } from "../rewrite/index.ts";
import type { Bodies, Body } from "./bodies.ts";

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
}

/**
 * Finds functions with loops that a program plausibly enters once: its entries, and what these
 * call outside of loops, and so on, nearest first. What is called from a loop is entered often,
 * and the engine finds it by itself.
 */
export function findEnteredOnce(
  cursor: BodyCursor,
  bodies: Bodies,
  entries: readonly number[],
  bounds: WalkBounds,
): number[] {
  const found: number[] = [];
  const depths = new Map(entries.map((entry) => [entry, 0]));
  let bytesLeft = bounds.codeBytesMax;
  // A map can grow while it is walked over: what a function calls comes after all found before.
  for (const [functionIndex, depth] of depths) {
    if (bytesLeft <= 0) break;
    const body = bodies.find(functionIndex);
    if (body === undefined) continue;
    const size = body.end - body.start;
    if (size > bounds.bodyBytesMax) continue;
    bytesLeft -= size;
    const walk = new CallWalk(cursor);
    if (!walk.over(body)) continue;
    const least = size <= bounds.smallBytesMax ? 1 : bounds.busyLoopMin;
    if (walk.busiestLoop >= least) found.push(functionIndex);
    if (depth === bounds.callDepthMax) continue;
    for (const callee of walk.callees) {
      if (!depths.has(callee)) depths.set(callee, depth + 1);
    }
  }
  return found;
}

/** A loop that is open during a walk. */
interface OpenLoop {
  readonly depth: number;
  /** How many instructions were walked over before it. */
  readonly startCount: number;
  hasCall: boolean;
}

/** One walk over a body: whom it calls outside of loops, and how much its loops do themselves. */
class CallWalk {
  /** Functions that are called outside of loops, in their order. */
  readonly callees: number[] = [];
  /** Instructions of the longest loop that has no direct call; 1 where all have. */
  busiestLoop = 0;
  readonly #cursor: BodyCursor;
  readonly #loops: OpenLoop[] = [];
  #depth = 0;
  #count = 0;

  constructor(cursor: BodyCursor) {
    this.#cursor = cursor;
  }

  /** @returns false for code that is unknown: it is not moved, and the engine judges it */
  over({ start, end }: Body): boolean {
    const cursor = this.#cursor;
    cursor.open(start, end);
    try {
      skipLocals(cursor);
      for (; cursor.advance(); this.#count++) this.#step(cursor.opcode);
      return true;
    } catch (error) {
      if (error instanceof ZvmError) return false;
      throw error;
    }
  }

  #step(opcode: number): void {
    // Most instructions are neither control nor call.
    if (opcode > OP.TRY_TABLE) return;
    switch (opcode) {
      case OP.LOOP:
        this.#depth++;
        this.#loops.push({ depth: this.#depth, startCount: this.#count, hasCall: false });
        return;
      case OP.BLOCK:
      case OP.IF:
      case OP.TRY:
      case OP.TRY_TABLE:
        this.#depth++;
        return;
      case OP.DELEGATE:
      case OP.END:
        this.#leave();
        return;
      case OP.CALL:
      case OP.RETURN_CALL:
        if (this.#loops.length === 0) this.callees.push(this.#cursor.first);
        else for (const loop of this.#loops) loop.hasCall = true;
        return;
    }
  }

  #leave(): void {
    const loop = this.#loops.at(-1);
    if (loop?.depth === this.#depth) {
      this.#loops.pop();
      const size = loop.hasCall ? 1 : this.#count - loop.startCount;
      this.busiestLoop = Math.max(this.busiestLoop, size);
    }
    this.#depth--;
  }
}

function skipLocals(cursor: BodyCursor): void {
  for (let groups = cursor.u32(); groups > 0 && cursor.at < cursor.end; groups--) {
    cursor.u32();
    const byte = cursor.bytes[cursor.at++];
    if (byte === 0x63 || byte === 0x64) cursor.u32();
  }
}
