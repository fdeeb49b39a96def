/** Sessions from options: the manifest value that a file would give, built and run. */

export { buildPlan, type Plan, type ResolvedProgram } from "./build-plan.ts";
export { type FreezeResult, freeze } from "./freeze.ts";
export { reasonOf } from "./host-look.ts";
export { type InspectOptions, inspect } from "./inspect.ts";
export { judgeGrants } from "./judge-grants.ts";
export type {
  FileGrant,
  FolderGrant,
  FreezeOptions,
  ImageGrant,
  Input,
  Output,
  RunOptions,
  SessionOptions,
} from "./options.ts";
export { parseFileGrant, parseFolderGrant, parseImageGrant } from "./parse-grants.ts";
export type {
  PreparedRunOptions,
  PrepareOptions,
  ProgramPoolOptions,
} from "./prepare-options.ts";
export { type PreparedProgram, prepare, preparedPool } from "./prepared-program.ts";
export { programPool } from "./program-pool.ts";
export { resolveProgram } from "./resolve-program.ts";
export { type RunResult, run, runPlan } from "./run.ts";
export { savedFiles, savePlan } from "./save.ts";
export type { WebReadable, WebReader, WebWritable, WebWriter } from "./web-streams.ts";
