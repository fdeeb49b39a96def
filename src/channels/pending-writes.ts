import type { Descriptors } from "../base/index.ts";
import { asWriteFailure, type SourceName } from "./channel-failure.ts";
import { SmallCopy } from "./small-copy.ts";

/**
 * The small writes of a session that the host has not seen yet: one buffer for all channels,
 * holding one contiguous run of bytes of one descriptor. Whoever is about to do anything else
 * with the host calls `flush` first, so the host sees every byte in the order in which the guest
 * wrote them, whatever channels they went to.
 */
export class PendingWrites {
  readonly #descriptors: Descriptors;
  readonly #buffer: Uint8Array;
  readonly #copy: SmallCopy;
  #source: PendingSource = NOBODY;
  #position = 0;
  #lengthBytes = 0;

  /** @param buffer of `PENDING_BYTES_MAX`, for sessions that follow each other */
  constructor(descriptors: Descriptors, buffer = new Uint8Array(PENDING_BYTES_MAX)) {
    this.#descriptors = descriptors;
    this.#buffer = buffer;
    this.#copy = new SmallCopy(buffer);
  }

  /** Bytes that the host has not seen. */
  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  /**
   * Collects a write of at most `DIRECT_BYTES_MIN` bytes. `position` -1 is the descriptor's own
   * offset, where every write follows the one before.
   * @throws ChannelFailure when bytes collected before cannot be delivered.
   */
  add(
    source: PendingSource,
    memory: Uint8Array,
    start: number,
    size: number,
    position: number,
  ): void {
    if (!this.#continues(source, size, position)) {
      this.flush();
      this.#source = source;
      this.#position = position;
    }
    this.#copy.fromMemory(memory, start, this.#lengthBytes, size);
    this.#lengthBytes += size;
  }

  /**
   * Delivers what was collected. What could not be delivered is gone: the session ends.
   * @throws ChannelFailure naming the channel whose bytes they were.
   */
  flush(): void {
    const size = this.#lengthBytes;
    if (size === 0) return;
    this.#lengthBytes = 0;
    try {
      this.#descriptors.write(this.#source.fd, this.#buffer, 0, size, this.#position);
    } catch (error) {
      throw asWriteFailure(this.#source, error);
    }
  }

  #continues(source: PendingSource, size: number, position: number): boolean {
    const length = this.#lengthBytes;
    if (length === 0 || source !== this.#source) return false;
    if (length + size > PENDING_BYTES_MAX) return false;
    return position === -1 || position === this.#position + length;
  }
}

/** Whose bytes they are; each backend has one such object, compared by identity. */
export interface PendingSource extends SourceName {
  readonly fd: number;
}

/** What a session may lose when it is killed from outside: one buffer, whatever its channels. */
export const PENDING_BYTES_MAX = 65_536;

/** From here on a transfer of its own costs less than copying it. */
export const DIRECT_BYTES_MIN = 16_384;

const NOBODY: PendingSource = { alias: "", index: 0, fd: -1 };
