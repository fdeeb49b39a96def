import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { type ByteString, ZvmError } from "../../base/index.ts";
import type { HostFolder } from "../../zerovm/image/index.ts";
import type { ItemUpload } from "../storage/index.ts";

const RANDOM_BYTES = 8;

/** What an upload came to. */
export interface Received {
  readonly sizeBytes: number;
  /** MD5 in hexadecimal. */
  readonly etag: string;
}

/**
 * A file that is being written in the folder of the store, beside the containers, where nothing is
 * an object.
 */
export class Draft {
  readonly #store: HostFolder;
  readonly #name: ByteString;
  readonly #fd: number;
  #isPlaced = false;

  constructor(store: HostFolder) {
    this.#store = store;
    this.#name = `.zerovm-${process.pid}-${randomBytes(RANDOM_BYTES).toString("hex")}`;
    this.#fd = openSync(store.at(this.#name), "wx");
  }

  /** @throws ZvmError ZVM_STORE_UPLOAD, _ETAG; the error of the host */
  async receive({ source, ...told }: ItemUpload, shown: string): Promise<Received> {
    const hash = createHash("md5");
    let sizeBytes = 0;
    for await (const bytes of source) {
      writeAll(this.#fd, bytes);
      hash.update(bytes);
      sizeBytes += bytes.length;
    }
    const etag = hash.digest("hex");
    if (told.sizeBytes !== undefined && told.sizeBytes !== sizeBytes) {
      const message = `${shown} came with ${sizeBytes} of ${told.sizeBytes} bytes`;
      throw new ZvmError("ZVM_STORE_UPLOAD", message);
    }
    if (told.etag !== undefined && told.etag.toLowerCase() !== etag) {
      throw new ZvmError("ZVM_STORE_ETAG", `${shown} has etag ${etag}, not ${told.etag}`);
    }
    fsyncSync(this.#fd);
    return { sizeBytes, etag };
  }

  /** Gives the file its name, instead of what has it. @throws the error of the host */
  place(folder: HostFolder, name: ByteString): void {
    renameSync(this.#store.at(this.#name), folder.at(name));
    this.#isPlaced = true;
  }

  /** What was not placed is gone. */
  close(): void {
    closeSync(this.#fd);
    if (!this.#isPlaced) unlinkSync(this.#store.at(this.#name));
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
}
