/** The x87: its stack and arithmetic as functions that are put into modules where they are used. */
import { assert } from "../../../base/index.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import { COMPARISON } from "./comparison.ts";
import { ENVIRONMENT } from "./environment.ts";
import { INTEGERS } from "./integers.ts";
import { KINDS } from "./kinds.ts";
import { LANES } from "./lanes.ts";
import { LOGARITHMS } from "./logarithms.ts";
import { MEMORY_FORMATS } from "./memory-formats.ts";
import { PARTS } from "./parts.ts";
import { readRoutines } from "./read-routines.ts";
import { REGISTER_ROUTINES } from "./registers.ts";
import { ROUNDING } from "./rounding.ts";
import type { Routine, TypedRoutine } from "./routine.ts";
import { STACK } from "./stack.ts";
import { TRIGONOMETRY } from "./trigonometry.ts";
import { WIDE } from "./wide.ts";

export type { Routine, RoutineScope } from "./routine.ts";

let routines: ReadonlyMap<string, TypedRoutine> | undefined;

/** The routine with this name; texts are read when the first one is asked for. */
export function routineNamed(name: string): Routine {
  routines ??= readRoutines(
    [
      STACK,
      ROUNDING,
      KINDS,
      ARITHMETIC,
      COMPARISON,
      MEMORY_FORMATS,
      INTEGERS,
      PARTS,
      ENVIRONMENT,
      LANES,
      WIDE,
      TRIGONOMETRY,
      LOGARITHMS,
    ],
    REGISTER_ROUTINES,
  );
  const routine = routines.get(name);
  assert(routine !== undefined, `routine ${name}`);
  return routine;
}
