/** Program files of Native Client: judged, laid out in guest memory, and written. Pure. */

export {
  BUNDLE_BYTES,
  GUEST_BYTES,
  type GuestRange,
  HALT,
  PAGE_BYTES,
  SANDBOX_BASE,
  STACK_BYTES,
  STACK_START,
  TEXT_START,
  TRAMPOLINES_START,
  WRITABLE_GLOBALS,
} from "./address-space.ts";
export type { ElfClass } from "./elf-form.ts";
export { PROGRAM_HEADERS_MAX } from "./elf-header.ts";
export { type BufferRight, mayAccess } from "./guest-access.ts";
export {
  type EntryState,
  fillInitialMemory,
  MANIFEST_POINTER,
  NACL_ENTRY_STATE,
  ZEROVM_ENTRY_STATE,
} from "./initial-memory.ts";
export {
  type GuestContents,
  type GuestLayout,
  type GuestRegion,
  layout,
  type RegionName,
} from "./layout.ts";
export {
  type GuestAccess,
  NEXE_POLICIES,
  type Nexe,
  type NexePolicy,
  type NexeSegment,
} from "./nexe.ts";
export { NEXE_REASONS, type NexeFault, type NexeReason, NexeRefused } from "./nexe-refused.ts";
export { readNexe } from "./read-nexe.ts";
export { textOf } from "./text-of.ts";
export { TRAMPOLINE_COUNT, trampolinePage } from "./trampolines.ts";
export {
  type UserChannel,
  type UserManifest,
  userManifestBytes,
  writeUserManifest,
} from "./user-manifest.ts";
export {
  type NexeSections,
  placeSections,
  type SectionAddresses,
  type SectionSizes,
  writeNexe,
} from "./write-nexe.ts";
