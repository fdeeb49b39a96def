/** The process of one session: its order, its answer, and how it is started. */
export { ANSWER_BYTES_MIN, type Answer, type CellOutcome, parseAnswer } from "./answer.ts";
export { leave } from "./leave.ts";
export { encodeMembers } from "./members-block.ts";
export {
  encodeOrder,
  FIRST_CELL_FD,
  ORDER_BYTES_MAX,
  ORDER_VERSION,
  type Order,
  type OrderChannel,
  type OrderExport,
  type OrderFile,
  type OrderImage,
  type OrderMapping,
  type OrderSource,
  type OrderStream,
} from "./order.ts";
export { parseOrder } from "./parse-order.ts";
export {
  type CellEnd,
  type CellRequest,
  type Handover,
  type RunningCell,
  startCell,
} from "./start.ts";
