/** Writes WebAssembly modules and the code of their functions. */

export { Code } from "./code.ts";
export { CodePlaces } from "./code-places.ts";
export {
  type ElementRun,
  type FunctionBody,
  type FunctionImport,
  TypeTable,
  writeModule,
} from "./module-sections.ts";
export type { StoreChecks, StoreInstruction } from "./store-checks.ts";
export { V } from "./vector-op.ts";
export { INT, type IntName, W } from "./wasm-op.ts";
