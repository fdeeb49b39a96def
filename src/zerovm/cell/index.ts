/** The process of one session: its order, its answer, and how it is started. */
export {
  type Account,
  ANSWER_BYTES_MIN,
  type Answer,
  parseAccount,
  parseAnswer,
} from "./answer.ts";
export type { CellOutcome } from "./answer-outcome.ts";
export { renumbered, withDescriptors } from "./arrived.ts";
export { receiveCell } from "./borrow.ts";
export { Cell, type CellFate, type CellListener } from "./cell.ts";
export { WORD, writeFrame } from "./frame.ts";
export type { FrozenGuest } from "./frozen-guest.ts";
export { LOCATING_MS_MIN } from "./guest-run.ts";
export { imaginedCell } from "./imagined-cell.ts";
export { JsonReader } from "./json-reader.ts";
export { channelDifference } from "./judge-next.ts";
export { canOptimise, keepAhead, launchCell, lookAhead } from "./launch.ts";
export { decodePlan } from "./launch-plan.ts";
export type {
  CompiledModule,
  LaunchedCell,
  LaunchOptions,
  WaitingGuest,
} from "./launched-cell.ts";
export { decodeMembers, encodeMembers } from "./members-block.ts";
export { encodeModuleOrder } from "./module-order.ts";
export { encodeOffer } from "./offer.ts";
export {
  encodeOrder,
  FIRST_CELL_FD,
  ORDER_BYTES_MAX,
  ORDER_VERSION,
  type Order,
  type OrderChannel,
  type OrderExport,
  type OrderFile,
  type OrderFileSpan,
  type OrderFreezing,
  type OrderFurther,
  type OrderImage,
  type OrderLog,
  type OrderMapping,
  type OrderNexe,
  type OrderRecording,
  type OrderReplayed,
  type OrderSource,
  type OrderStream,
} from "./order.ts";
export { parseOrder } from "./parse-order.ts";
export { hostSocketPath, isOwnSocket, poolSocketPath } from "./pool-socket.ts";
export type { Ready } from "./ready.ts";
export { nodeHash, senderHash, sharedMs } from "./real-world.ts";
export { runInside } from "./run-inside.ts";
export {
  type CellEnd,
  type CellRequest,
  type Handover,
  type RunningCell,
  startCell,
} from "./start.ts";
export { warmOrder } from "./warm-up.ts";
export { listenByEvents, type Wire } from "./wires.ts";
