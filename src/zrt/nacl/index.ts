/** The system calls of Native Client over the POSIX world of a guest. */
export { type NaclSpace, naclWorld, stateOf } from "./make-nacl-world.ts";
export { type NaclWords, naclCall } from "./nacl-call.ts";
export type { NaclState } from "./nacl-state.ts";
export type { NaclWorld } from "./nacl-world.ts";
export { RefusedCalls } from "./refused-calls.ts";
export { type Access, type Region, Regions } from "./regions.ts";
export { type NaclStart, writeStart } from "./start-block.ts";
