export { callsByNumber, type NamedCall } from "./call-names.ts";
export { type DeniedPath, DeniedPaths } from "./denied-paths.ts";
export { Ending } from "./ending.ts";
export { exactNumber, type Guest } from "./guest.ts";
export { GuestFault, GuestMemory } from "./guest-memory.ts";
export { wasiImports } from "./imports.ts";
export { GuestExit } from "./process.ts";
export { ALL_RIGHTS, RIGHT, type Rights, RightsTable, rightsOfKind } from "./rights.ts";
export { HOST_IMPORTS, HOST_SIGNATURES } from "./signatures.ts";
