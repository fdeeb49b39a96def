/** Programs: found in files, judged before anything of them runs, inspected. */
export {
  type FileState,
  fileState,
  type HashOptions,
  isSettled,
  sameState,
  sha256Of,
  sha256OfFile,
  sha256OfPath,
  wallNs,
} from "./content-hash.ts";
export { fileSource } from "./file-source.ts";
export { cacheFolder, configFolder, makeHostFolder } from "./host-folders.ts";
export {
  type ImportGroup,
  type Inspection,
  inspectProgram,
  type ModuleInspection,
  type NexeInspection,
  type SizeInspection,
} from "./inspect-program.ts";
export type { HostOffer } from "./judge-imports.ts";
export {
  type Judgement,
  type JudgeOptions,
  judgeProgram,
  judgeSource,
  memoryPagesOf,
} from "./judge-program.ts";
export { DRAFT_ENDING, readKept, writeKept } from "./kept-file.ts";
export { NEXE_VERSION, type NexeRules } from "./kept-nexe.ts";
export {
  closeProgram,
  examineAny,
  examineProgram,
  type LoadOptions,
  loadProgram,
  type Program,
  type ProgramVerdict,
  readProgram,
} from "./load-program.ts";
export { isNexe, loadNexeTools, type NexeProgram, openTranslator } from "./open-nexe.ts";
export {
  FUEL_UNITS_MAX,
  type Preparation,
  type Prepared,
  preparedName,
  prepareProgram,
} from "./prepare-program.ts";
export type { Producer } from "./tool-sections.ts";
