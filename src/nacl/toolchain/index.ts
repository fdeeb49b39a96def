/**
 * What makes a program file of Native Client of the assembly text that the system's gcc writes:
 * the text rewritten by the rules of the sandbox, joined, assembled and put into a file. Pure.
 */

export { buildNexe, type NexeUnits } from "./build-nexe.ts";
export { GCC_OPTIONS, RUNTIME_OPTIONS } from "./gcc-options.ts";
export { NotBuilt } from "./not-built.ts";
export { RUNTIME_ASSEMBLY, RUNTIME_C, RUNTIME_HEADER } from "./runtime.ts";
