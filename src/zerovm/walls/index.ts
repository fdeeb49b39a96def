/** The walls around a cell: what a locked process may still do, and how it is locked. */
export { type DescribedCall, describeCalls } from "./describe.ts";
export { engineStackBytes, growStack, stackShortage } from "./engine-stack.ts";
export { filterProgram, type Machine } from "./filter.ts";
export { lockCell, machineOf, tieLifeline } from "./lock.ts";
export { namespaceWords, UNSHARE_PATHS } from "./namespaces.ts";
export {
  CELL_USER,
  type Isolation,
  LIFELINE_FD,
  type LockPlan,
  STOP_FD,
  WALLS,
  type WallName,
} from "./plan.ts";
export { limitCompiler, limitOrder, warmLimits } from "./rlimits.ts";
export {
  type Answer,
  type ArgumentCheck,
  allowedCount,
  CONTROL_FD,
  SYSTEM_CALLS,
  type SystemCall,
} from "./system-calls.ts";
