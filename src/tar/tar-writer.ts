/**
 * Writes tar archives in the old GNU format, always the same bytes for the same members: no
 * names of users, no times but the members' own. Contents pass through one buffer.
 */

import {
  assert,
  type ByteSink,
  type ByteSource,
  type ByteString,
  bytesOf,
  HostIoError,
} from "../base/index.ts";
import { checksumOf } from "./checksum.ts";
import {
  BLOCK_BYTES,
  FIELD,
  type Field,
  GNU_MAGIC,
  LONG_NAME_MEMBER,
  paddedBytes,
  RECORD_BYTES,
  TYPE,
} from "./layout.ts";
import { type MemberKind, storedName } from "./member.ts";
import { writeNumber } from "./numbers.ts";
import { shownName } from "./tar-error.ts";

/** A multiple of the block size, so that padding always finds room. */
const BUFFER_BYTES = 128 * 1024;

const TYPE_OF_KIND = {
  file: TYPE.file,
  directory: TYPE.directory,
  symlink: TYPE.symlink,
  hardlink: TYPE.hardlink,
} as const satisfies Record<MemberKind, number>;

/** The file type bits of `st_mode`; a hard link is a name of a file. */
const MODE_OF_KIND = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  hardlink: 0o100000,
} as const satisfies Record<MemberKind, number>;

export interface WriteMember {
  /** Normalised as `Member.path` is. */
  readonly path: ByteString;
  readonly kind: MemberKind;
  /** Permission bits; the type bits come from `kind`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  /** The target, for both kinds of links. */
  readonly link?: ByteString;
  /** Of a file; without it the file is empty. */
  readonly contents?: ByteSource;
}

export interface TarWriterOptions {
  /**
   * `rooted` puts a `/` before names that need a record of their own, as the exports of the
   * original do; `plain` writes them like all others.
   */
  readonly longNames?: "rooted" | "plain";
}

export class TarWriter {
  readonly #sink: ByteSink;
  readonly #longNamePrefix: string;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #used = 0;
  #flushedBytes = 0;
  #finished = false;

  constructor(sink: ByteSink, options: TarWriterOptions = {}) {
    this.#sink = sink;
    this.#longNamePrefix = options.longNames === "plain" ? "" : "/";
  }

  /** The size of the archive so far; after `finish`, of all of it. */
  get sizeBytes(): number {
    return this.#flushedBytes + this.#used;
  }

  /**
   * Adds a member; the caller sees to the order, and that a hard link follows its file.
   * @throws HostIoError when the contents end before their announced size.
   */
  add(member: WriteMember): void {
    const steps = this.adding(member);
    while (steps.next().done !== true);
  }

  /** `add` with a rest after each piece of the contents: go through all of it. */
  *adding(member: WriteMember): Generator<void, void> {
    assert(!this.#finished, "nothing is added to an archive that is finished");
    const name = storedName(member.path, member.kind);
    const link = member.link ?? "";
    const sizeBytes = member.kind === "file" ? (member.contents?.sizeBytes ?? 0) : 0;
    assert(name !== "" && (link !== "") === member.kind.endsWith("link"), "names are there");
    if (link.length >= FIELD.link.size) this.#addLongName(TYPE.gnuLongLink, link);
    if (name.length >= FIELD.name.size) {
      this.#addLongName(TYPE.gnuLongName, this.#longNamePrefix + name);
    }
    const at = this.#newHeader(name, TYPE_OF_KIND[member.kind], sizeBytes);
    writeText(this.#buffer, at, FIELD.link, link);
    writeNumber(this.#buffer, at, FIELD.mode, MODE_OF_KIND[member.kind] | (member.mode & 0o7777));
    writeNumber(this.#buffer, at, FIELD.uid, member.uid);
    writeNumber(this.#buffer, at, FIELD.gid, member.gid);
    writeNumber(this.#buffer, at, FIELD.mtime, member.mtimeSeconds);
    this.#sealHeader(at);
    if (sizeBytes > 0 && member.contents) yield* this.#copy(member.contents, name);
  }

  /** Writes the end of the archive and fills its last record. */
  finish(): void {
    assert(!this.#finished, "an archive is finished once");
    this.#finished = true;
    const end = this.sizeBytes + 2 * BLOCK_BYTES;
    this.#zero(Math.ceil(end / RECORD_BYTES) * RECORD_BYTES - this.sizeBytes);
    this.#flush();
  }

  #addLongName(type: number, name: ByteString): void {
    const at = this.#newHeader(LONG_NAME_MEMBER, type, name.length + 1);
    writeNumber(this.#buffer, at, FIELD.mode, 0o644);
    for (const field of [FIELD.uid, FIELD.gid, FIELD.mtime]) {
      writeNumber(this.#buffer, at, field, 0);
    }
    this.#sealHeader(at);
    this.#append(bytesOf(`${name}\0`));
  }

  /** Begins a header with what all of them have. @returns its position in the buffer. */
  #newHeader(name: ByteString, type: number, sizeBytes: number): number {
    if (this.#used === BUFFER_BYTES) this.#flush();
    const at = this.#used;
    this.#buffer.fill(0, at, at + BLOCK_BYTES);
    this.#used += BLOCK_BYTES;
    writeText(this.#buffer, at, FIELD.name, name);
    writeText(this.#buffer, at, FIELD.magic, GNU_MAGIC);
    writeNumber(this.#buffer, at, FIELD.size, sizeBytes);
    this.#buffer[at + FIELD.type.at] = type;
    return at;
  }

  /** Puts the checksum in its classic form: six digits, a NUL and a space. */
  #sealHeader(at: number): void {
    let sum = 0;
    for (let index = at; index < at + BLOCK_BYTES; index++) sum += this.#buffer[index] ?? 0;
    const digits = { at: FIELD.checksum.at, size: FIELD.checksum.size - 1 };
    writeNumber(this.#buffer, at, digits, checksumOf(this.#buffer, at, sum));
    this.#buffer[at + FIELD.checksum.at + digits.size] = 0x20;
  }

  *#copy(contents: ByteSource, name: ByteString): Generator<void, void> {
    const { sizeBytes } = contents;
    let offset = 0;
    while (offset < sizeBytes) {
      if (this.#used === BUFFER_BYTES) {
        this.#flush();
        yield;
      }
      const piece = Math.min(BUFFER_BYTES - this.#used, sizeBytes - offset);
      const got = contents.read(offset, this.#buffer.subarray(this.#used, this.#used + piece));
      offset += got;
      this.#used += got;
      if (got < piece) {
        throw new HostIoError(
          "EIO",
          `Cannot write '${shownName(name)}' to an archive: ` +
            `its contents ended after ${offset} of ${sizeBytes} bytes`,
        );
      }
    }
    this.#zero(paddedBytes(sizeBytes) - sizeBytes);
  }

  #append(bytes: Uint8Array): void {
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#used === BUFFER_BYTES) this.#flush();
      const piece = bytes.subarray(offset, offset + BUFFER_BYTES - this.#used);
      this.#buffer.set(piece, this.#used);
      this.#used += piece.length;
      offset += piece.length;
    }
    this.#zero(paddedBytes(bytes.length) - bytes.length);
  }

  #zero(sizeBytes: number): void {
    let rest = sizeBytes;
    while (rest > 0) {
      if (this.#used === BUFFER_BYTES) this.#flush();
      const piece = Math.min(BUFFER_BYTES - this.#used, rest);
      this.#buffer.fill(0, this.#used, this.#used + piece);
      this.#used += piece;
      rest -= piece;
    }
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#sink.write(this.#buffer.subarray(0, this.#used));
    this.#flushedBytes += this.#used;
    this.#used = 0;
  }
}

/** Writes as much of a text as its field holds. */
function writeText(bytes: Uint8Array, start: number, field: Field, text: ByteString): void {
  const size = Math.min(text.length, field.size);
  for (let index = 0; index < size; index++) {
    bytes[start + field.at + index] = text.charCodeAt(index);
  }
}
