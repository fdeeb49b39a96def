import type { ByteString } from "../base/index.ts";

/**
 * How a channel was declared: its type says which direction is random, its limits say which
 * directions exist at all, and how much may pass.
 */
export interface ChannelShape {
  /** The name the guest knows the channel by, for example `/dev/stdin`. */
  readonly alias: ByteString;
  /** 0: both sequential; 1: random read; 2: random write; 3: both random. */
  readonly type: ChannelType;
  /** Whether the report carries a digest of everything that passed. */
  readonly etag: boolean;
  readonly limits: ChannelLimits;
}

export type ChannelType = 0 | 1 | 2 | 3;

/** Calls and bytes that a session may spend on a channel, each from 0 to 2^63 - 1. */
export interface ChannelLimits {
  readonly gets: bigint;
  readonly getBytes: bigint;
  readonly puts: bigint;
  readonly putBytes: bigint;
}

export type ChannelLimitName = "gets" | "get-bytes" | "puts" | "put-bytes";

/** Where the bytes of a channel live: a file has positions, a stream only passes by. */
export type BackendKind = "file" | "stream";

/** A channel can be read when it grants at least one get and one byte to get. */
export function isReadable(limits: ChannelLimits): boolean {
  return limits.gets !== 0n && limits.getBytes !== 0n;
}

/** A channel can be written when it grants at least one put and one byte to put. */
export function isWritable(limits: ChannelLimits): boolean {
  return limits.puts !== 0n && limits.putBytes !== 0n;
}

export function isSequentialRead(type: ChannelType): boolean {
  return type === 0 || type === 2;
}

export function isSequentialWrite(type: ChannelType): boolean {
  return type === 0 || type === 1;
}

/**
 * The size a channel starts with: what the file holds where the guest may read it, 0 where it
 * may only write (such a file was emptied) and 0 for every stream.
 */
export function sizeAtMount(shape: ChannelShape, kind: BackendKind, fileSizeBytes: number): number {
  return kind === "file" && isReadable(shape.limits) ? fileSizeBytes : 0;
}

/**
 * Where the first sequential write goes: behind the contents of a file that is appended to
 * (type 1, readable and writable), else to the start.
 */
export function firstPutPosition(shape: ChannelShape, sizeBytes: number): number {
  const appends = shape.type === 1 && isReadable(shape.limits) && isWritable(shape.limits);
  return appends ? sizeBytes : 0;
}

/**
 * The size to which a regular file is extended before the session: the put-bytes limit for a
 * file that is only written, and for an empty one that is read as well. `undefined` leaves the
 * file as it is.
 */
export function preallocatedBytes(shape: ChannelShape, fileSizeBytes: number): bigint | undefined {
  if (!isWritable(shape.limits)) return undefined;
  if (isReadable(shape.limits) && fileSizeBytes > 0) return undefined;
  return shape.limits.putBytes;
}
