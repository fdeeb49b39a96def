import { ZvmError } from "../../base/index.ts";
import { immediatesOf } from "../index.ts";
import { type BodyCursor, OP } from "../rewrite/index.ts";
import type { Body } from "./bodies.ts";

/** What the walk does with an opcode. */
const OTHER = 0;
const BARE = 1;
const ONE_LEB = 2;
const MEMORY = 3;

const KINDS = new Uint8Array(256);
for (let opcode = 0; opcode < 0xfb; opcode++) KINDS[opcode] = kindOf(opcode);

function kindOf(opcode: number): number {
  // Control and calls are looked at, and so is whatever is rare.
  if (opcode <= OP.TRY_TABLE && opcode !== OP.DROP && opcode !== OP.SELECT) return OTHER;
  const shape = immediatesOf(opcode, 0);
  if (shape === undefined || shape.feature === "gc") return OTHER;
  if (shape.feature === "function-references") return OTHER;
  const [first, second] = shape.immediates;
  if (first === undefined) return BARE;
  if (second !== undefined) return OTHER;
  if (first === "memory") return MEMORY;
  return first === "leb" ? ONE_LEB : OTHER;
}

/**
 * A loop that calls through a table counts from this size on. The C library closes its files in
 * one of 40 when a program ends: without this, every program would be rewritten for it.
 */
const TABLE_LOOP_MIN = 42;

const NO_CALLS = { hasCall: false, hasTableCall: false };

/** A loop that is open. */
interface OpenLoop {
  readonly depth: number;
  /** How many instructions were walked over before it. */
  readonly startCount: number;
  hasCall: boolean;
  hasTableCall: boolean;
}

/**
 * One walk over a body after another: whom it calls, and how much its loops do themselves. The
 * inner loop is tight, because it runs at the start of a process that has compiled nothing yet.
 */
export class CallWalk {
  /** Functions that are called outside of loops, in their order. */
  callees: number[] = [];
  /** Functions that are called from loops. */
  calleesInLoops: number[] = [];
  /** Instructions of the longest loop that has no direct call. */
  busiestLoop = 0;
  /** Instructions of the longest loop, whatever it calls. */
  longestLoop = 0;
  readonly #cursor: BodyCursor;
  #loops: OpenLoop[] = [];
  #depth = 0;

  constructor(cursor: BodyCursor) {
    this.#cursor = cursor;
  }

  /** @returns false for code that is unknown: it is not moved, and the engine judges it */
  over({ start, end }: Body): boolean {
    this.callees = [];
    this.calleesInLoops = [];
    this.busiestLoop = 0;
    this.longestLoop = 0;
    this.#loops = [];
    this.#depth = 0;
    this.#cursor.open(start, end);
    try {
      skipLocals(this.#cursor);
      this.#walk(this.#cursor.at, end);
      return true;
    } catch (error) {
      if (error instanceof ZvmError) return false;
      throw error;
    }
  }

  #walk(start: number, end: number): void {
    const { bytes } = this.#cursor;
    let at = start;
    for (let count = 0; at < end; count++) {
      switch (KINDS[bytes[at] ?? 0]) {
        case BARE:
          at++;
          break;
        case MEMORY:
          // A large first number is one of several memories: then another number follows.
          if ((bytes[at + 1] ?? 0) >= 0x40) {
            at = this.#rare(at, count);
            break;
          }
          at += 2;
          while ((bytes[at++] ?? 0) >= 0x80);
          break;
        case ONE_LEB:
          at++;
          while ((bytes[at++] ?? 0) >= 0x80);
          break;
        default:
          at = this.#rare(at, count);
      }
    }
  }

  /** @returns the offset behind the instruction */
  #rare(at: number, count: number): number {
    const cursor = this.#cursor;
    cursor.at = at;
    cursor.advance();
    this.#step(cursor.opcode, count);
    return cursor.at;
  }

  #step(opcode: number, count: number): void {
    switch (opcode) {
      case OP.LOOP:
        this.#depth++;
        this.#loops.push({ depth: this.#depth, startCount: count, ...NO_CALLS });
        return;
      case OP.BLOCK:
      case OP.IF:
      case OP.TRY:
      case OP.TRY_TABLE:
        this.#depth++;
        return;
      case OP.DELEGATE:
      case OP.END:
        this.#leave(count);
        return;
      case OP.CALL:
      case OP.RETURN_CALL:
        this.#call(this.#cursor.first);
        return;
      case OP.CALL_INDIRECT:
      case OP.RETURN_CALL_INDIRECT:
        for (const loop of this.#loops) loop.hasTableCall = true;
        return;
    }
  }

  #call(functionIndex: number): void {
    (this.#loops.length === 0 ? this.callees : this.calleesInLoops).push(functionIndex);
    for (const loop of this.#loops) loop.hasCall = true;
  }

  #leave(count: number): void {
    const loop = this.#loops.at(-1);
    if (loop?.depth === this.#depth) {
      this.#loops.pop();
      const size = count - loop.startCount;
      const isBusy = !loop.hasCall && (!loop.hasTableCall || size >= TABLE_LOOP_MIN);
      this.longestLoop = Math.max(this.longestLoop, size);
      if (isBusy) this.busiestLoop = Math.max(this.busiestLoop, size);
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
