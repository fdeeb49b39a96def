import type { WallName } from "../../src/zerovm/walls/index.ts";
import type { RawResult } from "./raw-call.ts";

/**
 * What an attack aims at, outside of its cell. All of it was made to be attacked: where a wall is
 * missing attacks succeed, maybe as root, and nothing else may come to harm.
 */
export interface Target {
  /** A folder of the host in which everybody may do everything. */
  readonly folder: string;
  /** A file in it. */
  readonly file: string;
  /** The process of the host. */
  readonly pid: number;
  /** A port of the loopback device at which the host listens. */
  readonly port: number;
  /** A name without a file at which the host listens. */
  readonly socketName: string;
  /** The key of memory that the host shares with whoever asks for it. */
  readonly memoryKey: number;
}

/** What native code in a cell tries, and what has to come of it. */
export interface Attack {
  readonly name: string;
  /** With all walls: the cell is killed for it, or the call is answered so. */
  readonly answer: string;
  /** The wall that holds when the filter does not, and its answer. */
  readonly next?: { readonly wall: WallName; readonly answer: string };
  readonly run: (target: Target) => RawResult;
}

/** The answer of an attack that ends its cell. */
export const KILLED = "killed";
/** The answer of a call that did what was asked. */
export const DONE = "done";

/** An attack that the filter ends. */
export function killed(
  name: string,
  run: Attack["run"],
  wall?: WallName,
  answer: string = "EPERM",
): Attack {
  return { name, answer: KILLED, run, ...(wall !== undefined && { next: { wall, answer } }) };
}

/** An attack that the filter answers, or that the kernel answers for another reason. */
export function answered(
  name: string,
  answer: string,
  run: Attack["run"],
  next?: Attack["next"],
): Attack {
  return { name, answer, run, ...(next !== undefined && { next }) };
}
