/** How a host starts a cell, or takes one that waits, and hears of its end. */
export { receiveCell } from "./borrow.ts";
export { Cell, type CellFate, type CellListener } from "./cell.ts";
export { imaginedCell } from "./imagined-cell.ts";
export { canOptimise, keepAhead, launchAhead, launchCell, lookAhead } from "./launch.ts";
export { decodePlan, type LaunchPlan } from "./launch-plan.ts";
export type { CompiledModule, LaunchedCell, LaunchOptions, WaitingGuest } from "./launched-cell.ts";
export { encodeOffer } from "./offer.ts";
export { hostSocketPath, isOwnSocket, poolSocketPath } from "./pool-socket.ts";
export {
  type CellEnd,
  type CellRequest,
  type Handover,
  type RunningCell,
  startCell,
} from "./start.ts";
export { listenByEvents, type Wire } from "./wires.ts";
