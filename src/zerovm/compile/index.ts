/** C compiled to programs of the sandbox, with the compilers of the system. */
export { type CompileOptions, type CompileTarget, compileC } from "./compile-c.ts";
export { bareLibrary, hostedLibrary, type NexeLibrary } from "./nexe-library.ts";
