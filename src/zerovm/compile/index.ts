/** C compiled to programs of the sandbox, with the compilers of the system. */
export { compileC } from "./compile-c.ts";
export type { CompileOptions, CompileProduct, CompileTarget } from "./compile-options.ts";
export { missingForWasi } from "./missing-compiler.ts";
export { bareLibrary, hostedLibrary, type NexeLibrary } from "./nexe-library.ts";
