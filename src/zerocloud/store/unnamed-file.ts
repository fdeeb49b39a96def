import type { FileHandle } from "node:fs/promises";
import { hostFailure } from "./failure.ts";
import type { NewFile } from "./store-files.ts";

export interface UnnamedFileParts {
  readonly handle: FileHandle;
  readonly writer: NewFile;
  /** Throws where the disk has no room for so many bytes more. */
  readonly needRoom: (sizeBytes: number) => Promise<void>;
  /** The object as messages name it. */
  readonly shown: string;
}

/** A file that has no name: bytes that are no object, for whoever reads from descriptors only. */
export class UnnamedFile {
  /** For reading. The file is gone when this is closed, and `finish` was called. */
  readonly handle: FileHandle;
  readonly #parts: UnnamedFileParts;
  #sizeBytes = 0;

  constructor(parts: UnnamedFileParts) {
    this.handle = parts.handle;
    this.#parts = parts;
  }

  /**
   * Writes bytes behind those that are there.
   * @returns where they begin
   * @throws ZvmError ZVM_STORE_FULL where they would touch the reserve, _BUSY, _FAILED
   */
  async append(bytes: Uint8Array): Promise<number> {
    const { writer, needRoom, shown } = this.#parts;
    try {
      await needRoom(bytes.length);
      await writer.write(bytes);
    } catch (cause) {
      throw hostFailure(`Cannot read ${shown}`, cause);
    }
    const startBytes = this.#sizeBytes;
    this.#sizeBytes += bytes.length;
    return startBytes;
  }

  /** Nothing more is written. */
  async finish(): Promise<void> {
    await this.#parts.writer.close();
  }
}
