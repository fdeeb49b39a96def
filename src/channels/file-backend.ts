import type { Descriptors } from "../base/index.ts";
import type { FileBackend } from "./backend.ts";
import type { SourceName } from "./channel-failure.ts";
import { DIRECT_BYTES_MIN, type PendingSource, type PendingWrites } from "./pending-writes.ts";
import { SmallCopy } from "./small-copy.ts";

export interface FileBackendOptions {
  /** Whose bytes they are, for the message when they cannot be delivered. */
  readonly source: SourceName;
  /** The one collection of small writes that all backends of a session share. */
  readonly pending: PendingWrites;
  /**
   * Small sequential reads are served from a block read ahead. Only for a file that no channel
   * of the session can write, through this or another descriptor.
   */
  readonly readAhead: boolean;
  /** Whether closing cuts the file to the size of the channel: every file open for writing. */
  readonly cut: boolean;
}

/** A regular file, read and written by position; the descriptor's own offset is never used. */
export function fileBackend(
  descriptors: Descriptors,
  fd: number,
  options: FileBackendOptions,
): FileBackend {
  return options.readAhead
    ? new SteadyFile(descriptors, fd, options)
    : new ChangingFile(descriptors, fd, options);
}

/** A file that the session may change: reads see every write, because they deliver it first. */
class ChangingFile implements FileBackend {
  readonly kind = "file";
  protected readonly descriptors: Descriptors;
  protected readonly fd: number;
  readonly #pending: PendingWrites;
  readonly #source: PendingSource;
  readonly #cut: boolean;

  constructor(descriptors: Descriptors, fd: number, options: FileBackendOptions) {
    this.descriptors = descriptors;
    this.fd = fd;
    this.#pending = options.pending;
    this.#source = { alias: options.source.alias, index: options.source.index, fd };
    this.#cut = options.cut;
  }

  read(memory: Uint8Array, start: number, size: number, position: number): number {
    this.#pending.flush();
    return this.descriptors.read(this.fd, memory, start, size, position);
  }

  write(memory: Uint8Array, start: number, size: number, position: number): void {
    if (size < DIRECT_BYTES_MIN) {
      this.#pending.add(this.#source, memory, start, size, position);
      return;
    }
    this.#pending.flush();
    this.descriptors.write(this.fd, memory, start, size, position);
  }

  truncate(sizeBytes: number): void {
    this.#pending.flush();
    this.descriptors.truncate(this.fd, sizeBytes);
  }

  close(sizeBytes: number): void {
    try {
      this.#pending.flush();
    } finally {
      if (this.#cut) this.descriptors.truncate(this.fd, sizeBytes);
    }
  }
}

/** A file that nobody in the session changes: small reads in sequence share one host read. */
class SteadyFile extends ChangingFile {
  #block: Uint8Array | undefined;
  #copy: SmallCopy | undefined;
  #blockPosition = 0;
  #blockBytes = 0;
  /** Where the last read ended: a read that starts there is sequential. */
  #nextPosition = 0;

  override read(memory: Uint8Array, start: number, size: number, position: number): number {
    const inBlock = position - this.#blockPosition;
    if (this.#copy !== undefined && inBlock >= 0 && inBlock < this.#blockBytes) {
      return this.#serve(this.#copy, memory, start, size, inBlock);
    }
    if (size < DIRECT_BYTES_MIN && position === this.#nextPosition) {
      const copy = this.#refill(position);
      return this.#blockBytes === 0 ? 0 : this.#serve(copy, memory, start, size, 0);
    }
    const got = this.descriptors.read(this.fd, memory, start, size, position);
    this.#nextPosition = position + got;
    return got;
  }

  #serve(
    copy: SmallCopy,
    memory: Uint8Array,
    start: number,
    size: number,
    inBlock: number,
  ): number {
    const left = this.#blockBytes - inBlock;
    const got = Math.min(size, left);
    copy.toMemory(inBlock, memory, start, got);
    this.#nextPosition = this.#blockPosition + inBlock + got;
    return got;
  }

  /** Reads the block that begins at `position`; at the end it is empty. */
  #refill(position: number): SmallCopy {
    this.#block ??= new Uint8Array(READ_AHEAD_BYTES);
    this.#copy ??= new SmallCopy(this.#block);
    this.#blockBytes = 0;
    this.#blockPosition = position;
    const block = this.#block;
    this.#blockBytes = this.descriptors.read(this.fd, block, 0, block.length, position);
    return this.#copy;
  }
}

/** One host read for so many bytes of small reads; the buffer exists once they are made. */
const READ_AHEAD_BYTES = 65_536;
