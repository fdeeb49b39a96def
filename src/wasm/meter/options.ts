import type { ModuleLimits } from "../index.ts";

/** What is done to a module. Each part stands for itself; equal options give equal bytes. */
export interface PrepareOptions {
  /** Units of fuel that the guest has, start function included. Absent: nothing is counted. */
  readonly fuel?: bigint;
  /** Where fuel is used up, the host is asked for more before the guest is ended; see `MORE`. */
  readonly asksForFuel?: boolean;
  /** Bytes of stack by our own count, see `frameBytes`. Absent: nothing is counted. */
  readonly stackBytes?: number;
  /** Limits of memories and tables, with flags that tell whether they were hit. */
  readonly limits?: ModuleLimits;
  /** Divides large bulk operations so that the engine can end the guest in between. */
  readonly slices?: boolean;
  /** Gives NaNs whose bits can be seen the canonical ones. */
  readonly canonicalNans?: boolean;
  /**
   * The guards are those of an instance that runs already, imported from a module of this name
   * instead of being added: a further module for the same guest. It has no globals and tables of
   * its own.
   */
  readonly guardsOf?: string;
  /** Exports the start function, to be called when the instance exists, instead of running it. */
  readonly exportsStart?: boolean;
}

/** What a prepared module exports: its guards, and its start function. Globals are mutable. */
export const GUARD_EXPORTS = {
  /** i64: units of fuel that are left; below zero when the guest was ended for it. */
  FUEL: "zvm.fuel",
  /**
   * A table of one function without parameters and results, to be set by the host: called where
   * fuel is used up and between the pieces of bulk operations. It adds to the fuel, or takes what
   * is left to end the guest.
   */
  MORE: "zvm.more",
  /** i32: bytes of stack that are left; below zero when the guest was ended for it. */
  STACK: "zvm.stack",
  /** i32: a sum of `GUARD_EVENTS`. */
  EVENTS: "zvm.events",
  /** The function that the module named as its start function, if it did. */
  START: "zvm.start",
} as const;

/** Bits of `zvm.events`. */
export const GUARD_EVENTS = {
  /** The guest asked for more memory than its limit and was told no. */
  MEMORY_LIMIT: 1,
  /** The same for a table. */
  TABLE_LIMIT: 2,
  /** The host could not give what the limits allow; the guest was ended and never saw it. */
  HOST_SHORTAGE: 4,
} as const;
