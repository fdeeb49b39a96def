import type { Code } from "../wasm/index.ts";
import { HELD, type ValueType } from "./value.ts";

/** The module that routines are written into. */
export interface RoutineScope {
  /** Index of a routine by name; asking for it puts it into the module. */
  routine(name: string): number;
  /** Index of the function that ends the program: kind of fault, address. */
  readonly faultFunction: number;
}

/** Types of what a routine takes and gives. */
export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A function that the code of instructions calls, with types of WebAssembly. */
export interface Routine {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
  readonly write: (code: Code, scope: RoutineScope) => void;
}

/** A routine with its types in the language, so that others can call it. */
export interface TypedRoutine extends Routine {
  readonly signature: Signature;
}

/** A routine that is written without the language. */
export function handWritten(signature: Signature, write: Routine["write"]): TypedRoutine {
  const held = (types: readonly ValueType[]) => types.map((type) => HELD[type]);
  const { parameters, results } = signature;
  return { signature, parameters: held(parameters), results: held(results), write };
}
