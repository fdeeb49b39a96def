import { HostIoError } from "../base/index.ts";
import type { FileBackend } from "./backend.ts";

/** A file in memory: contents given inline, and tests. */
export interface MemoryBackend extends FileBackend {
  /** What the file holds now; a view that the next write may change. */
  contents(): Uint8Array;
}

/** Starts with a copy of `bytes`. Fails with EFBIG beyond 2 GiB, as a disk would. */
export function memoryBackend(bytes: Uint8Array = new Uint8Array(0)): MemoryBackend {
  let storage = bytes.slice();
  let sizeBytes = bytes.length;

  /** Everything behind `sizeBytes` is zero, so growing is only a matter of the size. */
  function reserve(neededBytes: number): void {
    if (neededBytes > MEMORY_BYTES_MAX) {
      throw new HostIoError("EFBIG", `A file in memory cannot hold ${neededBytes} bytes`);
    }
    if (neededBytes <= storage.length) return;
    const grown = new Uint8Array(Math.max(neededBytes, storage.length * 2, SMALLEST_BYTES));
    grown.set(storage);
    storage = grown;
  }

  function truncate(newSizeBytes: number): void {
    reserve(newSizeBytes);
    if (newSizeBytes < sizeBytes) storage.fill(0, newSizeBytes, sizeBytes);
    sizeBytes = newSizeBytes;
  }

  return {
    kind: "file",
    read(memory, start, size, position) {
      const got = Math.min(size, Math.max(0, sizeBytes - position));
      memory.set(storage.subarray(position, position + got), start);
      return got;
    },
    write(memory, start, size, position) {
      reserve(position + size);
      storage.set(memory.subarray(start, start + size), position);
      sizeBytes = Math.max(sizeBytes, position + size);
    },
    truncate,
    close(finalBytes) {
      if (finalBytes < sizeBytes) truncate(finalBytes);
    },
    contents: () => storage.subarray(0, sizeBytes),
  };
}

const MEMORY_BYTES_MAX = 2 ** 31;

const SMALLEST_BYTES = 4096;
