/** Rewrites a module so that its run is counted, limited and the same to the bit. Pure. */

export {
  BYTES_PER_UNIT,
  COST_ROWS,
  type CostRow,
  UNITS_BEHIND_EXIT_MAX,
  UNITS_PER_ELEMENT,
  UNITS_PER_PAGE,
} from "./cost-table.ts";
export { type FrameShape, frameBytes, LEAF_FRAME_BYTES_MAX } from "./frame-cost.ts";
export { GUARD_EVENTS, GUARD_EXPORTS, type PrepareOptions } from "./options.ts";
export { prepareModule } from "./prepare-module.ts";
export { type GuardState, readGuards } from "./read-guards.ts";
