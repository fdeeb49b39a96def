/**
 * Reads the headers of a tar archive, and nothing else: contents stay where they are. Accepts
 * V7, ustar, pax and GNU archives; refuses what it cannot represent, and whatever lies about
 * itself, with one error that names the member and the offset. Never repairs.
 */

import type { ByteSource, ByteString } from "../base/index.ts";
import { BlockWindow } from "./block-window.ts";
import { checksumOf, signedChecksumOf, sumBlock } from "./checksum.ts";
import { fieldText, headerName } from "./field-text.ts";
import { foreignFormatReason } from "./foreign-format.ts";
import { BLOCK_BYTES, FIELD, paddedBytes, TYPE } from "./layout.ts";
import type { Member } from "./member.ts";
import { checkTarget, escapeReason, normalisePath } from "./member-path.ts";
import { KIND, type MemberTable } from "./member-table.ts";
import { readNumber } from "./numbers.ts";
import { EXTENSION_BYTES_MAX, type Extension, readLongName, readPaxRecords } from "./pax.ts";
import { type RowFacts, TableBuilder } from "./table-builder.ts";
import { type Fail, tarError } from "./tar-error.ts";
import { unsupportedTypeReason } from "./unsupported-type.ts";

export interface IndexOptions {
  /** The archive's name in messages. */
  readonly name: string;
  /** More members than this are refused. */
  readonly membersMax: number;
  /** `contained` refuses symbolic links that lead out of the archive; `kept` takes any. */
  readonly links: "contained" | "kept";
  /**
   * The source is only the beginning of the archive: what it ends in the middle of is left out, but
   * for a member whose header is whole.
   */
  readonly isBeginning?: boolean;
  /** Where absolute symbolic links may lead when `contained`; `/` unless given. */
  readonly mountpoint?: ByteString;
}

/**
 * Lists the members of an archive in its own order, as a table. Time and memory are linear in
 * the number of headers; contents are skipped.
 * @throws ZvmError ZVM_TAR for every archive that is refused; HostIoError as the source does.
 */
export function tabulateTar(source: ByteSource, options: IndexOptions): MemberTable {
  return new Indexer(source, options).run();
}

/**
 * Lists the members of an archive as objects, for those who look at each of them.
 * @throws as `tabulateTar` does.
 */
export function indexTar(source: ByteSource, options: IndexOptions): Member[] {
  return tabulateTar(source, options).list();
}

/**
 * Names and targets of all members together. They are kept in memory and sent on, so that an
 * archive of a few megabytes that repeats a long name must not make gigabytes of them.
 */
const NAME_BYTES_MAX = 64 * 2 ** 20;

const NO_EXTENSION: Extension = Object.freeze({});

class Indexer {
  readonly #source: ByteSource;
  readonly #options: IndexOptions;
  readonly #window: BlockWindow;
  readonly #table: TableBuilder;
  /** Where the header or extension that is being read begins. */
  #offset = 0;
  /** The name of the member that is being read, as far as it is known. */
  #name: ByteString | undefined;
  #globals: Extension = NO_EXTENSION;
  /** What the records just before the next header say; they include the globals. */
  #pending: Extension | undefined;
  /** Which paths are files by now; made when the first hard link asks. */
  #files: Map<ByteString, boolean> | undefined;
  readonly #fail: Fail = (reason) => {
    throw tarError(
      this.#options.name,
      reason,
      this.#name === undefined
        ? { offset: this.#offset }
        : { offset: this.#offset, member: this.#name },
    );
  };

  constructor(source: ByteSource, options: IndexOptions) {
    this.#source = source;
    this.#options = options;
    this.#window = new BlockWindow(source);
    const { membersMax } = options;
    // Most files fill a few blocks.
    const rows = Math.ceil(source.sizeBytes / (2 * BLOCK_BYTES));
    this.#table = new TableBuilder(Math.min(rows, membersMax), membersMax);
  }

  run(): MemberTable {
    const sizeBytes = this.#source.sizeBytes;
    const isWhole = this.#options.isBeginning !== true;
    if (isWhole && sizeBytes === 0) this.#fail("it is empty");
    while (this.#offset < sizeBytes) {
      this.#name = undefined;
      const at = this.#window.seek(this.#offset);
      if (at < 0 && !isWhole) break;
      if (at < 0) this.#failShortHeader();
      const sum = sumBlock(this.#window.words, at >>> 2);
      if (sum === 0) break;
      this.#checkChecksum(at, sum);
      this.#readHeader(at);
    }
    if (isWhole && this.#pending !== undefined) {
      this.#fail("it ends after the extended header of a member that is not there");
    }
    return this.#table.finish();
  }

  #failShortHeader(): never {
    if (this.#offset > 0) return this.#fail("it is truncated in a header");
    return this.#fail(foreignFormatReason(this.#window.view(0, BLOCK_BYTES)));
  }

  #checkChecksum(at: number, sum: number): void {
    const { bytes } = this.#window;
    const stored = readNumber(bytes, at, FIELD.checksum);
    if (stored === checksumOf(bytes, at, sum)) return;
    if (stored === signedChecksumOf(bytes, at)) return;
    if (this.#offset === 0) this.#fail(foreignFormatReason(bytes));
    this.#fail("the checksum of a header is wrong: the archive is damaged there");
  }

  #readHeader(at: number): void {
    const { bytes } = this.#window;
    const type = bytes[at + FIELD.type.at] ?? 0;
    switch (type) {
      case TYPE.pax:
      case TYPE.paxGlobal:
      case TYPE.gnuLongName:
      case TYPE.gnuLongLink:
        this.#readExtension(at, type);
        return;
      case TYPE.gnuVolume:
        // A volume's label says nothing about files.
        this.#pending = undefined;
        this.#offset += BLOCK_BYTES;
        return;
      default:
        this.#readMember(at, type);
        this.#pending = undefined;
    }
  }

  #readExtension(at: number, type: number): void {
    this.#name = fieldText(this.#window.bytes, at, FIELD.name);
    const size = this.#checkedSize(readNumber(this.#window.bytes, at, FIELD.size));
    if (size > EXTENSION_BYTES_MAX) {
      this.#fail(`an extended header is larger than ${EXTENSION_BYTES_MAX} bytes`);
    }
    const end = this.#endOfContents(size);
    if (end > this.#source.sizeBytes) {
      this.#offset = end;
      return;
    }
    const contents = this.#window.view(this.#offset + BLOCK_BYTES, size);
    if (contents.length < size) this.#fail("it is truncated in an extended header");
    if (type === TYPE.paxGlobal) {
      const globals = { ...this.#globals };
      readPaxRecords(contents, globals, this.#fail);
      this.#globals = globals;
    } else {
      const pending = { ...(this.#pending ?? this.#globals) };
      if (type === TYPE.pax) readPaxRecords(contents, pending, this.#fail);
      else if (type === TYPE.gnuLongName) pending.path = readLongName(contents, this.#fail);
      else pending.link = readLongName(contents, this.#fail);
      this.#pending = pending;
    }
    this.#offset = end;
  }

  #readMember(at: number, type: number): void {
    const { bytes } = this.#window;
    const extension = this.#pending ?? this.#globals;
    const rawName = extension.path ?? headerName(bytes, at);
    this.#name = extension.sparse || rawName;
    if (extension.sparse !== undefined) this.#fail(unsupportedTypeReason(TYPE.gnuSparse));
    if (rawName === "") this.#fail("it has no name");
    const path = normalisePath(rawName, this.#fail);
    const kind = this.#kindOf(type, rawName);
    if (path === "" && kind !== KIND.directory) {
      this.#fail("only a directory can stand for the root of the archive");
    }
    if (this.#table.count >= this.#options.membersMax) {
      this.#fail(`it holds more than ${this.#options.membersMax} members`);
    }
    const size = this.#checkedSize(extension.sizeBytes ?? readNumber(bytes, at, FIELD.size));
    if (kind === KIND.directory && type !== TYPE.directory && size > 0) {
      this.#fail("it is a directory by its name, and has contents");
    }
    this.#addMember(at, path, kind, size);
  }

  #addMember(at: number, path: ByteString, kind: number, size: number): void {
    const { bytes } = this.#window;
    const { mtime, link } = this.#pending ?? this.#globals;
    const isFile = kind === KIND.file;
    const mode = this.#checkedNumber(readNumber(bytes, at, FIELD.mode), "mode");
    const seconds =
      mtime?.seconds ?? this.#checkedNumber(readNumber(bytes, at, FIELD.mtime), "time");
    const end = this.#endOfContents(isFile ? size : 0);
    const facts: RowFacts = {
      kind,
      mode: mode & 0o7777,
      mtimeSeconds: seconds,
      mtimeNanos: mtime?.nanos ?? 0,
      sizeBytes: isFile ? size : 0,
      dataOffset: isFile ? this.#offset + BLOCK_BYTES : 0,
    };
    if (kind === KIND.symlink || kind === KIND.hardlink) {
      this.#addLink(path, facts, link ?? fieldText(bytes, at, FIELD.link));
    } else {
      this.#push(path, "", facts);
    }
    this.#offset = end;
  }

  #push(path: ByteString, link: ByteString, facts: RowFacts): void {
    if (this.#table.textBytes + path.length + link.length > NAME_BYTES_MAX) {
      this.#fail(`the names and links of its members have more than ${NAME_BYTES_MAX} bytes`);
    }
    this.#table.add(path, link, facts);
    this.#files?.set(path, facts.kind === KIND.file || facts.kind === KIND.hardlink);
  }

  #addLink(path: ByteString, facts: RowFacts, rawTarget: ByteString): void {
    if (facts.kind === KIND.hardlink) {
      const link = this.#hardLinkTarget(rawTarget);
      // Writers make such members of a file that was named to them twice.
      if (link !== path) this.#push(path, link, facts);
      return;
    }
    checkTarget(rawTarget, this.#fail);
    if (this.#options.links === "contained") {
      const reason = escapeReason(path, rawTarget, this.#options.mountpoint ?? "/");
      if (reason !== undefined) this.#fail(reason);
    }
    this.#push(path, rawTarget, facts);
  }

  #hardLinkTarget(rawTarget: ByteString): ByteString {
    const failTarget: Fail = (reason) => this.#fail(`the target of the hard link: ${reason}`);
    const link = normalisePath(rawTarget, failTarget);
    this.#files ??= new Map(this.#table.paths());
    if (this.#files.get(link) !== true) {
      this.#fail("it is a hard link to something that is no earlier file of the archive");
    }
    return link;
  }

  #kindOf(type: number, rawName: ByteString): number {
    switch (type) {
      case TYPE.oldFile:
      case TYPE.file:
      case TYPE.contiguous:
        return rawName.endsWith("/") ? KIND.directory : KIND.file;
      case TYPE.directory:
        return KIND.directory;
      case TYPE.symlink:
        return KIND.symlink;
      case TYPE.hardlink:
        return KIND.hardlink;
      default:
        return this.#fail(unsupportedTypeReason(type));
    }
  }

  #checkedSize(size: number): number {
    if (Number.isNaN(size)) this.#fail("its size is no usable number");
    if (size < 0) this.#fail("its size is negative");
    return size;
  }

  #checkedNumber(value: number, what: string): number {
    if (Number.isNaN(value)) this.#fail(`its ${what} is no usable number`);
    return value;
  }

  /** Where the next header begins. */
  #endOfContents(size: number): number {
    const dataOffset = this.#offset + BLOCK_BYTES;
    const end = dataOffset + paddedBytes(size);
    if (end > this.#source.sizeBytes && this.#options.isBeginning !== true) {
      const rest = this.#source.sizeBytes - dataOffset;
      const padded = size > rest ? "" : ` with its padding to ${paddedBytes(size)}`;
      const announced = `${size} bytes of contents are announced${padded}`;
      this.#fail(`it is truncated: ${announced}, ${rest} are left`);
    }
    return end;
  }
}
