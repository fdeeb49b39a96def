/** Modules that begin where their initialiser ended: planned, and written anew. Pure. */
export {
  FROZEN_BYTES,
  FROZEN_NAME,
  type FrozenHead,
  type FrozenState,
  hashedParts,
  readFrozenHead,
} from "./frozen-head.ts";
export { frozenModule, type Shown } from "./frozen-module.ts";
export { type Freezing, PROBE, planFreezing } from "./probe-module.ts";
