/** Jobs over HTTP: requests to jobs, to their answers. */
export { DeferredRecords } from "./deferred-records.ts";
export { Executor, type ExecutorParts } from "./executor.ts";
export { executorSettings } from "./executor-settings.ts";
export { type DocumentLimits, type JobDocument, readPosted, readStored } from "./job-document.ts";
export { jobDoorOf } from "./job-door.ts";
export { JobPages } from "./job-pages.ts";
export { JobRequests } from "./job-requests.ts";
export { LocalRunner } from "./local-runner.ts";
export { ProgramTurns } from "./program-turns.ts";
export { RequestBody } from "./request-body.ts";
export { factsOf, headerTable, queryOf } from "./request-facts.ts";
export { sendAnswer } from "./send-answer.ts";
export { type ExecutorSettings, STANDARD_EXECUTOR_SETTINGS } from "./settings.ts";
export { metadataOf, type StoreOf } from "./store-of.ts";
export type { JobWishes, PostedImage, Submission } from "./submission.ts";
