import type { Errno } from "../../base/index.ts";

/** How a device shows in `stat`; WASI has no name for a FIFO and shows it as a socket stream. */
export type DeviceType = "fifo" | "character" | "block" | "file";

export interface DeviceStat {
  readonly type: DeviceType;
  /** Permission bits. */
  readonly mode: number;
  readonly sizeBytes: number;
}

export type Whence = "set" | "current" | "end";

/** What an opening asks for. */
export interface Access {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly truncate: boolean;
}

/** What a device sees and moves of the open file description that it is used through. */
export interface OpenDevice {
  position: number;
  readonly writable: boolean;
  readonly append: boolean;
}

/**
 * A file in `/dev`: a channel or an emulated device. Transfers give the number of bytes or a
 * negative errno. `spans` are pairs of start and size in `memory`; one call is one get or put.
 */
export interface Device {
  /** Whether a channel is behind it, which digests what passes. */
  readonly isChannel: boolean;
  stat(): DeviceStat;
  /** Whether it may be opened so. */
  open(access: Access): Errno;
  read(file: OpenDevice, memory: Uint8Array, spans: Spans): number;
  write(file: OpenDevice, memory: Uint8Array, spans: Spans): number;
  /** Positional where the device is; sequential devices ignore `offset`. */
  readAt(memory: Uint8Array, spans: Spans, offset: number): number;
  writeAt(memory: Uint8Array, spans: Spans, offset: number): number;
  /** @returns the new position, or a negative errno. */
  seek(file: OpenDevice, offset: number, whence: Whence): number;
  truncate(sizeBytes: number): Errno;
}

/** Pieces of guest memory, reused from call to call: `count` pairs of start and size. */
export interface Spans {
  readonly pairs: number[];
  count: number;
  /** Sum of the sizes. */
  totalBytes: number;
}
