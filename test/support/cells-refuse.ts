import { readModule, scanFeatures } from "../../src/wasm/index.ts";

/** What some engines know and random bytes happen to be; a session refuses it by name. */
const REFUSED: ReadonlySet<string> = new Set([
  "atomics",
  "shared-memory",
  "memory64",
  "relaxed-simd",
  "function-references",
  "gc",
]);

/** Whether a valid module uses more of WebAssembly than sessions take. */
export function cellsRefuse(bytes: Uint8Array): boolean {
  return scanFeatures(bytes, readModule(bytes)).used.some((feature) => REFUSED.has(feature));
}
