/** Sessions from options: the manifest value that a file would give, built and run. */

export { buildPlan, type Plan, type ResolvedProgram } from "./build-plan.ts";
export { type FreezeOptions, type FreezeResult, freeze } from "./freeze.ts";
export { reasonOf } from "./host-look.ts";
export { type InspectOptions, inspect } from "./inspect.ts";
export { judgeGrants } from "./judge-grants.ts";
export type {
  FileGrant,
  FolderGrant,
  ImageGrant,
  Input,
  Output,
  RunOptions,
  SessionOptions,
} from "./options.ts";
export { parseFileGrant, parseFolderGrant, parseImageGrant } from "./parse-grants.ts";
export {
  type PreparedProgram,
  type PreparedRunOptions,
  type PrepareOptions,
  prepare,
} from "./prepared-program.ts";
export { type ProgramPoolOptions, programPool } from "./program-pool.ts";
export { resolveProgram } from "./resolve-program.ts";
export { type RunResult, run, runPlan } from "./run.ts";
export { savedFiles, savePlan } from "./save.ts";
export type { WebReadable, WebReader, WebWritable, WebWriter } from "./web-streams.ts";
