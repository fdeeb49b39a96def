import type { Errno } from "../../base/index.ts";
import type { NaclSpace, NaclWorld } from "../nacl/index.ts";
import type { Guest } from "../wasi/index.ts";

/** Who judges and translates what a nexe guest comes to while it runs. */
export interface CodeMaker {
  /**
   * Called where a jump goes to what is no known function.
   * @returns the slot of its table of places that has the code at a guest address; undefined where
   *   no bundle of code begins
   */
  place(address: number): number | undefined;
  /** @returns whether the bytes of the guest from `start` on are code that it may run. */
  jail(start: number, size: number): boolean;
  /** What was code there is forgotten. */
  unjail(start: number, size: number): void;
}

/** Where a nexe guest finds its memory. */
export interface NexeSpace extends NaclSpace {
  /** Where a guest may make code: from the start of its data to the end of its heap. */
  readonly codeStart: number;
  readonly codeEnd: number;
  /** Absent where nobody can: then no code is accepted, and only known functions are found. */
  readonly code?: CodeMaker;
}

/** What the calls of one nexe guest work on. */
export interface TrapWorld {
  readonly guest: Pick<Guest, "memory" | "channels" | "trace" | "ending" | "forkPoint">;
  readonly space: NexeSpace;
  /** What the system calls of Native Client work on. */
  readonly nacl: NaclWorld;
}

/** How a program faults by an instruction of its own, by the numbers that its module has for it. */
export const NEXE_FAULTS = [
  "unknown",
  "halt",
  "undefined",
  "division",
  "unsupported",
  "denied",
] as const;

export type NexeFaultName = (typeof NEXE_FAULTS)[number];

/** A nexe guest came to an instruction that ends it. */
export class NexeFault extends Error {
  override readonly name = "NexeFault";
  readonly fault: NexeFaultName;
  /** Guest address of the instruction. */
  readonly address: number;

  /** @param detail what else there is to say of it */
  constructor(fault: NexeFaultName, address: number, detail = "") {
    super(FAULT_TEXTS[fault] + detail);
    this.fault = fault;
    this.address = address;
  }
}

const FAULT_TEXTS: Readonly<Record<NexeFaultName, string>> = {
  unknown: "jump to where no code is",
  halt: "halt instruction",
  undefined: "undefined instruction",
  division: "division by zero, or a quotient that is too large",
  unsupported: "instruction that is not translated",
  denied: "store to where nothing may be written",
};

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
