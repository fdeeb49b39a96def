import { fstatSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { type ByteSource, type Descriptors, HostIoError } from "../../../base/index.ts";
import { POLL_IN, POLL_OUT, type Poll } from "../../libc/index.ts";
import { errorCode, isRetryable, pause } from "../order/index.ts";
import { DirectTransfers, NOT_MOVED } from "./direct-transfers.ts";

export interface DescriptorsOptions {
  /** Descriptors where a transfer can block for ever. */
  readonly waiting: ReadonlySet<number>;
  /** Called when the first of them must be waited for. */
  readonly loadPoll: () => Poll | undefined;
  /** Milliseconds that may still be spent on waiting; none left ends the session. */
  readonly remainingMs: () => number;
}

/** How long one wait lasts at most: the engine can end a session only between two. */
const SLICE_MS = 100;
/** What a pipe takes without blocking once it is writable. */
const PIECE_BYTES = 4096;
/** How long to sleep where nothing can be waited for. */
const RETRY_MS = 2;

/** The descriptors of the cell over `node:fs`, each transfer complete or failed. */
export function hostDescriptors(options: DescriptorsOptions): Descriptors {
  const waiter = new Waiter(options);
  const direct = new DirectTransfers();
  return {
    read(fd, memory, start, size, position) {
      if (position >= 0) {
        const got = direct.read(fd, memory, start, size, position);
        if (got >= 0) return got;
      }
      const waits = options.waiting.has(fd);
      for (;;) {
        if (waits) waiter.wait(fd, POLL_IN);
        try {
          return readSync(fd, memory, start, size, position < 0 ? null : position);
        } catch (error) {
          waiter.afterFailure(fd, POLL_IN, error);
        }
      }
    },
    write(fd, memory, start, size, position) {
      const waits = options.waiting.has(fd);
      for (let done = 0; done < size; ) {
        const piece = waits ? Math.min(size - done, PIECE_BYTES) : size - done;
        if (waits) waiter.waitToWrite(fd, piece);
        const at = position < 0 ? null : position + done;
        const put = at === null ? NOT_MOVED : direct.write(fd, memory, start + done, piece, at);
        if (put >= 0) {
          done += put;
          continue;
        }
        try {
          done += writeSync(fd, memory, start + done, piece, at);
        } catch (error) {
          waiter.afterFailure(fd, POLL_OUT, error);
        }
      }
    },
    sizeBytes: (fd) => hostCall(() => fstatSync(fd).size),
    truncate: (fd, sizeBytes) => hostCall(() => ftruncateSync(fd, sizeBytes)),
  };
}

class Waiter {
  readonly #options: DescriptorsOptions;
  #poll: Poll | undefined;
  #loaded = false;
  /**
   * Bytes that may still be written without waiting. A short session then never loads the addon;
   * should even these block, the host ends it from outside.
   */
  #free = PIECE_BYTES;

  constructor(options: DescriptorsOptions) {
    this.#options = options;
  }

  waitToWrite(fd: number, sizeBytes: number): void {
    this.#free -= sizeBytes;
    if (this.#free < 0) this.wait(fd, POLL_OUT);
  }

  /** Returns when the transfer will not block, or at once where that cannot be known. */
  wait(fd: number, event: number): void {
    const poll = this.#load();
    if (poll === undefined) return;
    while (!poll(fd, event, this.#slice())) {
      // The engine ends the session here, between two slices.
    }
  }

  /** After a transfer that was only early: waits. Any other failure is thrown. */
  afterFailure(fd: number, event: number, error: unknown): void {
    if (!isRetryable(error)) throw hostIoError(error);
    const poll = this.#load();
    const slice = this.#slice();
    if (poll === undefined) pause(Math.min(RETRY_MS, slice));
    else poll(fd, event, slice);
  }

  #slice(): number {
    const left = this.#options.remainingMs();
    if (left <= 0) throw new HostIoError("ETIMEDOUT", "The time of the session is over");
    return Math.ceil(Math.min(left, SLICE_MS));
  }

  #load(): Poll | undefined {
    if (!this.#loaded) this.#poll = this.#options.loadPoll();
    this.#loaded = true;
    return this.#poll;
  }
}

function hostCall<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw hostIoError(error);
  }
}

function hostIoError(error: unknown): HostIoError {
  if (error instanceof HostIoError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new HostIoError(errorCode(error), message, error);
}

/** A regular file behind a descriptor as a block of bytes. */
export function descriptorSource(
  descriptors: Descriptors,
  fd: number,
  sizeBytes: number,
): ByteSource {
  return {
    sizeBytes,
    read(offset, into) {
      let done = 0;
      while (done < into.length) {
        const got = descriptors.read(fd, into, done, into.length - done, offset + done);
        if (got === 0) break;
        done += got;
      }
      return done;
    },
  };
}
