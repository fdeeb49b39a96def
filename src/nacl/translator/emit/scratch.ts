import type { Code } from "../wasm/index.ts";

/** Where code is written, with locals by name for values within a function. */
export interface Scratch {
  readonly code: Code;
  /** A local of a value type. */
  scratch(name: string, type: number): number;
  /** A local of the integer type for a size. */
  int(name: string, sizeBytes: number): number;
}
