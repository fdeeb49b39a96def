/**
 * What makes a program file of Native Client of the assembly text that the system's gcc writes:
 * the text rewritten by the rules of the sandbox, joined with what it needs of a library,
 * assembled and put into a file. Pure.
 */

export { buildNexe, type NexeUnit, type NexeUnits } from "./build-nexe.ts";
export {
  BARE_OPTIONS,
  GCC_OPTIONS,
  HOSTED_OPTIONS,
  LIBRARY_OPTIONS,
  PROGRAM_OPTIONS,
} from "./gcc-options.ts";
export { NotBuilt } from "./not-built.ts";
export { type LibraryUnit, libraryUnit } from "./select-units.ts";
