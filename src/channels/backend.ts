import type { HashName } from "../base/index.ts";

/**
 * One source of a channel: the place on the host where its bytes come from and go to. The rules
 * of channels do not know more of the host than this.
 */
export type Backend = FileBackend | StreamBackend;

/** The digest of all that passed a channel, for whoever is at the other end of it. */
export interface TransferEnd {
  readonly hash: HashName;
  /** Lower-case hexadecimal. */
  readonly hex: string;
}

interface BackendCalls {
  /**
   * Reads at most `size` bytes into `memory` at `start`; `position` counts for files only.
   * @returns the bytes read, 0 only at the end.
   * @throws HostIoError when the host cannot read, ChannelFailure when writes that were
   * collected for some channel cannot be delivered before it.
   */
  read(memory: Uint8Array, start: number, size: number, position: number): number;
  /**
   * Takes all `size` bytes of `memory` at `start`; the memory may change as soon as it returns.
   * @throws HostIoError, ChannelFailure as `read`.
   */
  write(memory: Uint8Array, start: number, size: number, position: number): void;
  /**
   * Delivers what was collected; a file that was opened for writing is cut to `sizeBytes`.
   * @param digest of all that passed, where the channel has an etag
   * @throws HostIoError, ChannelFailure as `read`.
   */
  close(sizeBytes: number, digest?: TransferEnd): void;
}

export interface FileBackend extends BackendCalls {
  readonly kind: "file";
  /** Cuts or extends (with zeros) the file. @throws HostIoError, ChannelFailure. */
  truncate(sizeBytes: number): void;
}

export interface StreamBackend extends BackendCalls {
  readonly kind: "stream";
  /** Whether a read gives what is there, as a person types it, and not all that was asked. */
  readonly interactive: boolean;
  /** Only where another session is at the other end. */
  readonly peer?: PeerCalls;
}

/** What a source knows beside its bytes where another session is at the other end. */
export interface PeerCalls {
  /** Whether bytes come from there. */
  readonly reads: boolean;
  /**
   * Does what it can of its end without waiting, before it is closed: tells the end of what was
   * written, takes what came and nobody wants any more. A session that ends must not keep others
   * from theirs. Failures are told when it is closed.
   * @returns whether more of that may be left
   */
  advance(digest?: TransferEnd): boolean;
  /** Closes in place of `close`, after a session that failed, and tells the other one why. */
  break(why: string): void;
  /** Operations of the host that closing took, see `HostAccounting`. */
  readonly closing: { readonly reads: number; readonly readBytes: number; readonly writes: number };
}
