/** A small assembler of the instructions that the table has: for tests, never for a session. */
export { type Assembly, assemble, TEXT_ADDRESS } from "./assemble.ts";
export { AssemblyError } from "./assembly-error.ts";
export type { SectionAddresses, SectionName } from "./pass.ts";
