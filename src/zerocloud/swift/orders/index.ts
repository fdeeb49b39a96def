/** What coordinator and workers say to each other: orders, answers, errands of connected sets. */
export { readAnswer, writeAnswer } from "./node-answer.ts";
export {
  type Brought,
  type NodeOrder,
  ORDER_BYTES_MAX,
  type OrderedItem,
  packOrder,
  unpackOrder,
} from "./node-order.ts";
export { endsOf, type OrderedSeat, type OrderedWire, type WireAt } from "./node-wires.ts";
export { PartReader, wireError, writePart } from "./parts.ts";
export { REASON_HEADER } from "./reasons.ts";
export {
  type DoorAddress,
  HOLD_ANSWER_BYTES_MAX,
  type Hold,
  type HoldAnswer,
  isTransactionOfSet,
  type SetErrand,
  transactionOf,
  unpackHoldAnswer,
  unpackSetErrand,
} from "./set-errand.ts";
