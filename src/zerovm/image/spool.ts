import { closeSync, ftruncateSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { type ByteSink, isDiskFull, type ZvmError } from "../../base/index.ts";
import { namelessFile } from "../libc/index.ts";
import { writeFully } from "./descriptor.ts";
import { hostFailure, shownPath } from "./host-failure.ts";

export interface SpoolOptions {
  readonly limitBytes: number;
  /** Made when a write would pass the limit. */
  readonly overLimit: () => ZvmError;
  /** Where the file lives; the system's folder for temporary files unless given. */
  readonly temporaryFolder?: string | undefined;
}

/** Shorter runs of zeros are written. */
const HOLE_BYTES = 16 * 1024;
const ZEROS = Buffer.alloc(HOLE_BYTES);

/**
 * A temporary file that has no name from the start: it goes with its descriptor, however the
 * process ends. Only its owner could ever open it.
 */
export class Spool implements ByteSink {
  readonly #options: SpoolOptions;
  readonly #folder: string;
  #sizeBytes = 0;
  #fd: number;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#folder = options.temporaryFolder ?? tmpdir();
    this.#fd = this.#attempt(() => namelessFile(this.#folder));
  }

  get fd(): number {
    return this.#fd;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  write(bytes: Uint8Array): void {
    if (this.#sizeBytes + bytes.length > this.#options.limitBytes) throw this.#options.overLimit();
    this.#attempt(() => this.#writeFilled(bytes));
    this.#sizeBytes += bytes.length;
  }

  /**
   * Gives the file its size, to which zeros at its end belong as well. From now on it is only read:
   * several cells may be given it, and none may change what the others find.
   */
  finish(): void {
    this.#attempt(() => ftruncateSync(this.#fd, this.#sizeBytes));
    this.#fd = readOnly(this.#fd);
  }

  /** Leaves holes for blocks of zeros: a sparse file costs what is in it. */
  #writeFilled(bytes: Uint8Array): void {
    let start = 0;
    for (let at = 0; at < bytes.length; at += HOLE_BYTES) {
      const end = Math.min(bytes.length, at + HOLE_BYTES);
      if (ZEROS.compare(bytes, at, end, 0, end - at) !== 0) continue;
      if (at > start) writeFully(this.#fd, bytes.subarray(start, at), this.#sizeBytes + start);
      start = end;
    }
    if (bytes.length > start) {
      writeFully(this.#fd, bytes.subarray(start), this.#sizeBytes + start);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** @throws ZvmError ZVM_DISK_FULL, ZVM_FILE */
  #attempt<Result>(calls: () => Result): Result {
    try {
      return calls();
    } catch (error) {
      throw hostFailure(this.#action(), error, isDiskFull(error) ? "ZVM_DISK_FULL" : "ZVM_FILE");
    }
  }

  #action(): string {
    const from = this.#options.temporaryFolder === undefined ? " (TMPDIR)" : "";
    return `write a temporary file in ${shownPath(this.#folder)}${from}`;
  }
}

/** Where the system shows no descriptors as files it has no cells either. */
function readOnly(fd: number): number {
  try {
    const copy = openSync(`/proc/self/fd/${fd}`, "r");
    closeSync(fd);
    return copy;
  } catch {
    return fd;
  }
}
