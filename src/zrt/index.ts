/**
 * ZRT: the POSIX world of one guest, in memory, and its WASI face. Pure: clock, entropy, hashing
 * and descriptors are given to it. Imports base, tar and channels.
 */
export { type Clock, TICK_NS, virtualClock } from "./clock.ts";
export type { Mapping } from "./dev/index.ts";
export { type Entropy, seededEntropy } from "./entropy.ts";
export { ExportFailure, type Image } from "./fs/index.ts";
export { type MountTrouble, type TrialImage, tryMounts } from "./mount-trial.ts";
export { type NaclStart, type NaclState, type Region, Regions } from "./nacl/index.ts";
export {
  configWith,
  DEFAULT_CONFIG,
  formatNvram,
  type MappingRecord,
  type MountRecord,
  NVRAM_BYTES_MAX,
  type ParsedNvram,
  parseNvram,
  type ZrtConfig,
} from "./nvram/index.ts";
export { type ChannelSummary, TRACE_BUFFER_BYTES, Trace } from "./trace/index.ts";
export { traceDifference } from "./trace-difference.ts";
export {
  type CodeMaker,
  NexeFault,
  type NexeFaultName,
  type NexeSpace,
  TrapAbort,
  type TrapCalls,
  trapCalls,
} from "./trap/index.ts";
export {
  type DeniedPath,
  GuestExit,
  HOST_IMPORTS,
  HOST_SIGNATURES,
  type WasiCalls,
  wasiCalls,
} from "./wasi/index.ts";
export { createZrt } from "./world.ts";
export type { Zrt } from "./zrt.ts";
export type { Continuation, Export, ZrtOptions } from "./zrt-options.ts";
