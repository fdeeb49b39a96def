/**
 * ZeroCloud: jobs of many programs beside the objects of a store. The command line and the library
 * know only what is named here.
 */
export { type CheckedText, checkText } from "./check-text.ts";
export { drawPlan, GRAPHS } from "./draw-plan.ts";
export { itemName } from "./graph/index.ts";
export type { Plan, PlannedChannel, PlannedNode } from "./plan/index.ts";
export { type FolderPlan, type KnownImages, planOnFolders } from "./plan-on-folders.ts";
export type { InstanceResult, JobResult, ResponsePart } from "./result/index.ts";
export { type JobEvent, SpooledFile, spool } from "./run/index.ts";
export { type FolderRun, type FolderRunOptions, runOnFolders } from "./run-on-folders.ts";
