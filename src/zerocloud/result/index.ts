/** What jobs come to, and how that is told: results as answers of HTTP. Pure. */
export {
  accountingLine,
  accountingOf,
  type ChannelTraffic,
  NO_ACCOUNTING,
  type SessionCosts,
  tenNumbers,
} from "./accounting.ts";
export {
  type Answer,
  type AnswerPiece,
  headerOf,
  readAnswer,
  releaseAnswer,
  releaseBodies,
  sizeOfBody,
} from "./answer.ts";
export { type AnswerWishes, answerOf } from "./answer-of.ts";
export { answerOfObjectRun } from "./answer-of-object-run.ts";
export {
  answerOfStopped,
  STOPPED_STATUS,
  STOPPED_TEXT,
  stoppedResult,
} from "./answer-of-stopped.ts";
export { type ChainLimits, nextOfChain, STANDARD_CHAIN_LIMITS } from "./chain.ts";
export { type Header, headerValue, isHeaderName, listEntry, NO_ENTRY } from "./header-text.ts";
export { type JobReport, jsonOf, reportOfJob } from "./job-report.ts";
export {
  answerOfError,
  answerOfRefusal,
  deferredAnswer,
  deferredHeaders,
} from "./plain-answers.ts";
export { isProgramHeader } from "./program-headers.ts";
export { isRefusal, type Refusal, refuse } from "./refusal.ts";
export type {
  Accounting,
  Body,
  ChosenHost,
  InstanceResult,
  JobResult,
  ResponsePart,
  StoredOutput,
  Traffic,
} from "./result.ts";
