import { OP, TYPE } from "../rewrite/index.ts";
import { constant64, op, opIndex } from "./emit.ts";
import type { Frame } from "./frame.ts";

/** Units of fuel that decide how long a call of an outlined loop goes on. */
export interface Floors {
  /** A call is made with at least so many left. */
  readonly least: number;
  /** Units after which the call ends. */
  readonly outer: number;
  /** Units after which inner loops are called. */
  readonly inner: number;
  /** What is left above the lowest floor: a turn that costs no more needs no check of its own. */
  readonly costMax: number;
}

/** @param unitsInCall units of fuel for one call */
export function floorsOf(unitsInCall: number): Floors {
  const [least, outer, inner] = [2 * unitsInCall, unitsInCall, unitsInCall + (unitsInCall >> 2)];
  return { least, outer, inner, costMax: least - inner };
}

/**
 * Sets a local to what is left of the fuel when a number of units were used from here on.
 * @returns the local
 */
export function setFloor(frame: Frame, fuelLocal: number, units: number): number {
  const floor = frame.addLocal(TYPE.I64);
  opIndex(frame.writer, OP.LOCAL_GET, fuelLocal);
  constant64(frame.writer, units);
  op(frame.writer, OP.I64_SUB);
  opIndex(frame.writer, OP.LOCAL_SET, floor);
  return floor;
}
