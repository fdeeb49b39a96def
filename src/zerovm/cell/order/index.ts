/** What a host and a cell say to each other: order, answer, and how both are carried. */

export {
  type Account,
  ANSWER_BYTES_MIN,
  ANSWER_VERSION,
  type Answer,
  type CellTimes,
  type CellUsage,
  encodeAnswer,
  parseAccount,
  parseAnswer,
  shortAnswer,
} from "./answer.ts";
export type { CellOutcome } from "./answer-outcome.ts";
export { renumbered, withDescriptors } from "./arrived.ts";
export { errorCode, FRAME_HEADER_BYTES, isRetryable, pause, WORD, writeFrame } from "./frame.ts";
export type { FrozenGuest } from "./frozen-guest.ts";
export { JsonReader } from "./json-reader.ts";
export { channelDifference, judgeNext } from "./judge-next.ts";
export { decodeMembers, encodeMembers } from "./members-block.ts";
export { encodeModuleOrder, type ModuleOrder } from "./module-order.ts";
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
  type OrderPeer,
  type OrderRange,
  type OrderRecording,
  type OrderReplayed,
  type OrderSource,
  type OrderStream,
} from "./order.ts";
export { type OrderMessage, receiveFirstOrder, receiveOrder, sendOrder } from "./order-message.ts";
export { parseOrder } from "./parse-order.ts";
export { parseReady, type Ready } from "./ready.ts";
