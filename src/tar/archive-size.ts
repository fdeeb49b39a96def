import { BLOCK_BYTES, FIELD, paddedBytes, RECORD_BYTES } from "./layout.ts";
import { storedName } from "./member.ts";
import type { TarWriterOptions, WriteMember } from "./tar-writer.ts";

/**
 * Tells how many bytes `TarWriter` will write, before it writes any: takes the same members and
 * leaves their contents alone.
 */
export class ArchiveSize {
  readonly #prefixBytes: number;
  #bytes = 0;

  constructor(options: TarWriterOptions = {}) {
    this.#prefixBytes = options.longNames === "plain" ? 0 : 1;
  }

  /** The size of the archive when nothing follows. */
  get sizeBytes(): number {
    return Math.ceil((this.#bytes + 2 * BLOCK_BYTES) / RECORD_BYTES) * RECORD_BYTES;
  }

  add({ path, kind, link = "", contents }: WriteMember): void {
    const name = storedName(path, kind);
    this.#bytes += BLOCK_BYTES;
    if (link.length >= FIELD.link.size) this.#addLongName(link.length);
    if (name.length >= FIELD.name.size) this.#addLongName(this.#prefixBytes + name.length);
    if (kind === "file" && contents !== undefined) this.#bytes += paddedBytes(contents.sizeBytes);
  }

  #addLongName(size: number): void {
    this.#bytes += BLOCK_BYTES + paddedBytes(size + 1);
  }
}
