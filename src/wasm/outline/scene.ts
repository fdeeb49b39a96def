import type { Frame } from "./frame.ts";
import type { LoopPlan } from "./loop-plan.ts";

/** A label that nothing but the code of this file aims at. */
export const NO_TARGET = Number.MIN_SAFE_INTEGER;
/** The label behind which an outlined function gives its results. */
export const OUT = NO_TARGET + 1;

/** How often a loop goes round before something happens. */
export interface Rounds {
  /** In the function where it stands, all loops together, before calls take over. */
  readonly inPlace: number;
  /** In one call. */
  readonly inCall: number;
  /**
   * Units of fuel for one call, where fuel is counted: then nothing else has to be counted. With
   * less than twice as many no such call is made.
   */
  readonly unitsInCall: number;
}

/** A function that is being written, with the locals that every loop in it uses. */
export interface Scene {
  readonly frame: Frame;
  /** Counts how often the head of any loop was passed. */
  readonly passes: number;
  /** Passes after which inner loops are called. */
  readonly patience: number;
  /** Where fuel is counted for the call: the fuel at which inner loops are called. */
  readonly innerFloor?: number;
  /** For numbers that live for a few instructions. */
  readonly scratch: number;
  /** The loop that the function consists of, and the local with the code of its exit. */
  readonly outlined?: { readonly plan: LoopPlan; readonly exitCode: number };
}
