import type { Observer } from "./observers.ts";
import type { Operation } from "./operation.ts";

/** Instructions with registers and constants, and how the flags behind them are looked at. */
export interface Variant {
  /** Its number in the list: what `--only` takes. */
  readonly index: number;
  /** Mostly one; several are there for what one leaves to the next. */
  readonly operations: readonly Operation[];
  readonly text: string;
  readonly observer: Observer;
  /** Flags without a meaning behind them, for the state that they begin in, as bits of `FLAG`. */
  readonly undefinedFlags: (start: DataView) => number;
}

/** Whether an operation has the upper halves of the vectors. */
export function hasVex({ operations }: Pick<Variant, "operations">): boolean {
  return operations.some(({ form }) => form.vex !== undefined);
}
