import { ERRNO, type Errno } from "../../base/index.ts";
import type { Access, Spans, Whence } from "./device.ts";
import { FILE_BYTES_MAX } from "./file-data.ts";
import type { DirectoryNode, FileNode, Node } from "./node.ts";

/** Nanoseconds of the session's clock, without moving it. */
export type Now = () => bigint;

/**
 * An open file description: what duplicates of a descriptor share. Transfers give the number of
 * bytes or a negative errno.
 */
export class OpenFile {
  readonly node: Node;
  readonly #now: Now;
  readable: boolean;
  writable: boolean;
  append: boolean;
  /** File flags that are kept but mean nothing here (non-blocking, sync). */
  otherFlags = 0;
  /** Position of regular files and random devices; bytes so far of sequential ones. */
  position = 0;
  /** Descriptors that share this description. */
  descriptorCount = 0;
  /** A path that starts here does not climb above this directory. */
  readonly ceiling: DirectoryNode;

  constructor(node: Node, access: Access, ceiling: DirectoryNode, now: Now) {
    this.node = node;
    this.#now = now;
    this.readable = access.read;
    this.writable = access.write;
    this.append = access.append;
    this.ceiling = ceiling;
  }

  read(memory: Uint8Array, spans: Spans): number {
    if (this.node.kind === "directory") return -ERRNO.EISDIR;
    if (!this.readable) return -ERRNO.EINVAL;
    if (this.node.kind === "device") return this.node.device.read(this, memory, spans);
    if (this.node.kind !== "file") return -ERRNO.EBADF;
    const count = this.#readFile(this.node, memory, spans, this.position);
    this.position += count;
    return count;
  }

  write(memory: Uint8Array, spans: Spans): number {
    if (this.node.kind === "directory") return -ERRNO.EISDIR;
    if (!this.writable) return -ERRNO.EINVAL;
    if (this.node.kind === "device") return this.node.device.write(this, memory, spans);
    if (this.node.kind !== "file") return -ERRNO.EBADF;
    if (this.append) this.position = this.node.data.sizeBytes;
    const count = this.#writeFile(this.node, memory, spans, this.position);
    if (count > 0) this.position += count;
    return count;
  }

  readAt(memory: Uint8Array, spans: Spans, offset: number): number {
    if (this.node.kind === "directory") return -ERRNO.EISDIR;
    if (!this.readable) return -ERRNO.EINVAL;
    if (this.node.kind === "device") return this.node.device.readAt(memory, spans, offset);
    if (this.node.kind !== "file") return -ERRNO.EBADF;
    return this.#readFile(this.node, memory, spans, offset);
  }

  writeAt(memory: Uint8Array, spans: Spans, offset: number): number {
    if (this.node.kind === "directory") return -ERRNO.EISDIR;
    if (!this.writable) return -ERRNO.EINVAL;
    if (this.node.kind === "device") return this.node.device.writeAt(memory, spans, offset);
    if (this.node.kind !== "file") return -ERRNO.EBADF;
    // As POSIX has it: the append flag is for writes at the position. Linux goes to the end.
    return this.#writeFile(this.node, memory, spans, offset);
  }

  /** @returns the new position, or a negative errno. */
  seek(offset: number, whence: Whence): number {
    if (this.node.kind === "directory") return -ERRNO.EBADF;
    if (this.node.kind === "device") return this.node.device.seek(this, offset, whence);
    if (this.node.kind !== "file") return -ERRNO.EBADF;
    const base =
      whence === "set" ? 0 : whence === "current" ? this.position : this.node.data.sizeBytes;
    const position = base + offset;
    if (position < 0 || position > FILE_BYTES_MAX) return -ERRNO.EINVAL;
    this.position = position;
    return position;
  }

  truncate(sizeBytes: number): Errno {
    if (this.node.kind === "directory") return ERRNO.EISDIR;
    if (!this.writable) return ERRNO.EINVAL;
    if (this.node.kind === "device") return this.node.device.truncate(sizeBytes);
    if (this.node.kind !== "file") return ERRNO.EBADF;
    return this.#resize(this.node, sizeBytes);
  }

  /** Makes sure that the file is at least `sizeBytes` long. */
  allocate(sizeBytes: number): Errno {
    if (this.node.kind !== "file") return ERRNO.ENODEV;
    if (!this.writable) return ERRNO.EINVAL;
    if (sizeBytes <= this.node.data.sizeBytes) return ERRNO.OK;
    return this.#resize(this.node, sizeBytes);
  }

  #resize(node: FileNode, sizeBytes: number): Errno {
    const resized = node.data.truncate(sizeBytes);
    if (resized === ERRNO.OK) this.#touch(node);
    return resized;
  }

  #readFile(node: FileNode, memory: Uint8Array, spans: Spans, offset: number): number {
    let done = 0;
    for (let index = 0; index < spans.count; index++) {
      const size = spans.pairs[2 * index + 1] ?? 0;
      const count = node.data.read(memory, spans.pairs[2 * index] ?? 0, size, offset + done);
      done += count;
      if (count < size) break;
    }
    node.accessedNs = this.#now();
    return done;
  }

  #writeFile(node: FileNode, memory: Uint8Array, spans: Spans, offset: number): number {
    let done = 0;
    for (let index = 0; index < spans.count; index++) {
      const size = spans.pairs[2 * index + 1] ?? 0;
      const count = node.data.write(memory, spans.pairs[2 * index] ?? 0, size, offset + done);
      if (count < 0 && done === 0) return count;
      done += Math.max(0, count);
      if (count < size) break;
    }
    this.#touch(node);
    return done;
  }

  #touch(node: FileNode): void {
    const now = this.#now();
    node.modifiedNs = now;
    node.changedNs = now;
  }
}
