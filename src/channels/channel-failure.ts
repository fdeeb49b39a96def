import { type ByteString, ERRNO, HostIoError } from "../base/index.ts";

/** EIO where the host failed, EPIPE where sources contradict each other or a session is lost. */
export type ChannelFailureCode = typeof ERRNO.EIO | typeof ERRNO.EPIPE;

/**
 * The host side of a channel broke: the session ends in order. The guest never sees it as an
 * errno, because what a guest sees may not depend on the health of the host.
 */
export class ChannelFailure extends Error {
  override readonly name: string = "ChannelFailure";
  /** The code the session ends with. */
  readonly code: ChannelFailureCode;
  /** The exit state of the report; the alias in it is a byte string. */
  readonly state: string;
  readonly alias: ByteString;

  constructor(code: ChannelFailureCode, alias: ByteString, state: string, cause?: unknown) {
    super(state, { cause });
    this.code = code;
    this.state = state;
    this.alias = alias;
  }
}

/** One of the sources of a channel, counted from 0 in the order in which they are asked. */
export interface SourceName {
  readonly alias: ByteString;
  readonly index: number;
  /** Whether the channel has no other, so that its alias alone says which one is meant. */
  readonly isOnly?: boolean;
}

/** `ALIAS failed to read`: the only source broke, or no two sources agree. */
export function readFailure(alias: ByteString, cause?: unknown): ChannelFailure {
  return new ChannelFailure(ERRNO.EIO, alias, `${alias} failed to read`, cause);
}

/** `all ALIAS sources failed`: every one of several sources broke. */
export function allSourcesFailure(alias: ByteString, cause?: unknown): ChannelFailure {
  return new ChannelFailure(ERRNO.EIO, alias, `all ${alias} sources failed`, cause);
}

/** `ALIAS;N is out of sync`: a source ended before the place the others had reached. */
export function outOfSyncFailure({ alias, index }: SourceName): ChannelFailure {
  return new ChannelFailure(ERRNO.EPIPE, alias, `${alias};${index} is out of sync`);
}

/** `ALIAS;N failed to write: REASON`, also for what was collected and for the final cut. */
export function writeFailure({ alias, index }: SourceName, cause: HostIoError): ChannelFailure {
  const state = `${alias};${index} failed to write: ${reasonOf(cause)}`;
  return new ChannelFailure(ERRNO.EIO, alias, state, cause);
}

/** Turns an error of the host into the failure of a source; every other error goes through. */
export function asWriteFailure(source: SourceName, error: unknown): unknown {
  return error instanceof HostIoError ? writeFailure(source, error) : error;
}

/** The words the C library of the original has for the errors that a write can meet. */
const REASONS: Readonly<Record<string, string>> = {
  EPERM: "Operation not permitted",
  EIO: "Input/output error",
  ENXIO: "No such device or address",
  EBADF: "Bad file descriptor",
  EAGAIN: "Resource temporarily unavailable",
  EACCES: "Permission denied",
  EINVAL: "Invalid argument",
  EFBIG: "File too large",
  ENOSPC: "No space left on device",
  EROFS: "Read-only file system",
  EPIPE: "Broken pipe",
  EDQUOT: "Disk quota exceeded",
};

function reasonOf(error: HostIoError): string {
  return REASONS[error.code] ?? error.message;
}
