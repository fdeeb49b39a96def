import type { Form } from "../../x86/index.ts";
import type { RoutineScope } from "../x87/index.ts";
import type { HelperName } from "./helpers.ts";

/** Kinds of fault, as the host gets them. */
export const FAULT = { HALT: 1, UNDEFINED: 2, DIVIDE: 3, UNSUPPORTED: 4 } as const;

/** What the code of functions refers to in its module. */
export interface ModuleScope extends RoutineScope {
  /** Index of a helper function; asking for it puts it into the module. */
  helper(name: HelperName): number;
  readonly rdtscIsRefused: boolean;
  /** Whether vector registers have upper halves: the rules accept instructions with VEX. */
  readonly hasUpperHalves: boolean;
  /** Whether the program may change the modes of floats: its text has `ldmxcsr`. */
  readonly floatModes: boolean;
  /** Whether NaNs get the bits of an x86 processor wherever the module runs. */
  readonly exactNans: boolean;
  /** Takes note of an instruction that cannot be translated. */
  refuse(address: number, form: Form): void;
}
