/**
 * What pure code needs of the world, given to it as arguments: the folders that only compute
 * import nothing of the host and read neither its clock nor its entropy.
 */

/** A block of bytes that can be read at any offset: a file behind a descriptor, or memory. */
export interface ByteSource {
  readonly sizeBytes: number;
  /**
   * Reads into `into` from `offset` until `into` is full or the source ends.
   * @returns the number of bytes read; less than `into.length` only at the end.
   * @throws HostIoError when the host cannot read.
   */
  read(offset: number, into: Uint8Array): number;
}

/** Takes bytes in order; used by whatever writes an archive. */
export interface ByteSink {
  /** `bytes` may be reused by the caller as soon as the call returns. */
  write(bytes: Uint8Array): void;
}

/** An incremental digest. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal; the hash cannot be used after it. */
  digestHex(): string;
}

export type HashName = "sha256" | "sha1" | "md5";

export type HashFactory = (name: HashName) => Hash;

/**
 * The host failed to do what was asked of an open descriptor: ends the session, never shown to
 * the guest as an errno.
 */
export class HostIoError extends Error {
  override readonly name = "HostIoError";
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * Operations on open descriptors. All block until something was done; all throw `HostIoError`.
 * A `position` of -1 means the descriptor's own offset (streams).
 */
export interface Descriptors {
  /** Reads at most `size` bytes into `memory` at `start`. @returns bytes read, 0 at the end. */
  read(fd: number, memory: Uint8Array, start: number, size: number, position: number): number;
  /** Writes all `size` bytes. */
  write(fd: number, memory: Uint8Array, start: number, size: number, position: number): void;
  sizeBytes(fd: number): number;
  truncate(fd: number, sizeBytes: number): void;
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read(offset, into) {
      if (offset >= bytes.length) return 0;
      const part = bytes.subarray(offset, Math.min(bytes.length, offset + into.length));
      into.set(part);
      return part.length;
    },
  };
}
