/**
 * Channels: the only way between a guest and the host. Kinds, limits, positions and digests, and
 * the backends over descriptors. Imports only the base.
 */
export type { Backend, FileBackend, StreamBackend, TransferEnd } from "./backend.ts";
export { Channel, type ChannelOptions, type ChannelReport } from "./channel.ts";
export { ChannelFailure, type ChannelFailureCode, type SourceName } from "./channel-failure.ts";
export { type FileBackendOptions, fileBackend } from "./file-backend.ts";
export { type MemoryBackend, memoryBackend } from "./memory-backend.ts";
export { PENDING_BYTES_MAX, PendingWrites } from "./pending-writes.ts";
export {
  type BackendKind,
  type ChannelLimitName,
  type ChannelLimits,
  type ChannelShape,
  type ChannelType,
  firstPutPosition,
  isReadable,
  isSequentialRead,
  isSequentialWrite,
  isWritable,
  preallocatedBytes,
  sizeAtMount,
} from "./shape.ts";
export type { Spans } from "./spans.ts";
export { type StreamBackendOptions, streamBackend } from "./stream-backend.ts";
export type { Seal, Seals, Wire, WireParts } from "./wire.ts";
export { type WireBackendOptions, wireReader, wireWriter } from "./wire-backend.ts";
export { PeerFailure } from "./wire-failure.ts";
