import {
  limitEdits,
  type ModuleLimits,
  type ModuleShape,
  readModule,
} from "../../src/wasm/index.ts";
import { ModuleDraft, ModuleTypes } from "../../src/wasm/rewrite/index.ts";

/** A module with its limits written in, as the passes do it, and nothing else changed. */
export function limitedModule(
  bytes: Uint8Array,
  limits: ModuleLimits,
  shape: ModuleShape = readModule(bytes),
): Uint8Array {
  const draft = new ModuleDraft(bytes, shape, new ModuleTypes(bytes, shape));
  draft.edit(limitEdits(shape, limits));
  return draft.write();
}
