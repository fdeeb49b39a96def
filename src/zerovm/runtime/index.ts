/** Runtimes: programs by name, from npm packages pinned by version and hash. */
export { BUILTIN_RUNTIMES } from "./builtin-runtimes.ts";
export { addRuntime, removeRuntime } from "./change-runtimes.ts";
export type { RunNpm } from "./fetch-package.ts";
export { RUNTIME_OPTIONS } from "./forms.ts";
export type { NewRuntime, RuntimeOptions } from "./options.ts";
export {
  findRuntime,
  type ListedRuntime,
  listRuntimes,
  type ResolvedRuntime,
  resolveRuntime,
} from "./resolve-runtime.ts";
export { isRuntimeName, type RuntimeEntry, type RuntimeImage } from "./runtime-entry.ts";
