import type { Errno } from "../../base/index.ts";
import type { Channel } from "../../channels/index.ts";
import type { ForkPoint } from "../dev/index.ts";
import type { Trace } from "../trace/index.ts";
import type { Ending, GuestMemory } from "../wasi/index.ts";
import type { Regions } from "./regions.ts";

/** Who judges and runs code that a nexe guest makes at run time. */
export interface CodeMaker {
  /** @returns whether the bytes of the guest from `start` on are code that it may run. */
  jail(start: number, size: number): boolean;
  /** What was code there is forgotten. */
  unjail(start: number, size: number): void;
}

/** Where a nexe guest finds its memory. */
export interface NexeSpace {
  /** Guest address of the first byte of its linear memory. */
  readonly base: number;
  readonly regions: Regions;
  /** Where a guest may make code: from the start of its data to the end of its heap. */
  readonly codeStart: number;
  readonly codeEnd: number;
  /** Absent where nobody can: then no code is accepted. */
  readonly code?: CodeMaker;
}

/** What the calls of one nexe guest work on. */
export interface TrapWorld {
  readonly memory: GuestMemory;
  readonly channels: readonly Channel[];
  readonly trace: Trace;
  readonly ending: Ending;
  readonly forkPoint: ForkPoint;
  readonly space: NexeSpace;
}

/** Ends a nexe guest that called the sandbox in a way that has no answer. */
export class TrapAbort extends Error {
  override readonly name = "TrapAbort";
  /** The exit code that the original had for it. */
  readonly code: Errno;

  constructor(state: string, code: Errno) {
    super(state);
    this.code = code;
  }
}
