import type { Machine } from "./filter.ts";
import { SYSTEM_CALLS } from "./system-calls.ts";

/** One row of the table of system calls, for people. */
export interface DescribedCall {
  readonly name: string;
  readonly number: number;
  /** What becomes of the call, and what is asked of its arguments. */
  readonly judgement: string;
  readonly why: string;
}

/** The table of system calls of a machine, for people. */
export function describeCalls(machine: Machine): DescribedCall[] {
  return SYSTEM_CALLS.flatMap((row) => {
    const { name, why, answers, asks, otherwise } = row;
    const number = row[machine];
    if (number === undefined) return [];
    const refused = otherwise === undefined ? "" : `; else ${otherwise}`;
    const made = asks === undefined ? "made" : `made for: ${asks}${refused}`;
    return [
      { name, number, judgement: answers === undefined ? made : `not made: ${answers}`, why },
    ];
  });
}
