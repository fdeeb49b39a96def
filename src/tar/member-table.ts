import type { ByteString } from "../base/index.ts";
import type { Member, MemberKind } from "./member.ts";
import type { Outline } from "./outline.ts";

/** The kinds by their number in a table. */
export const MEMBER_KINDS = [
  "file",
  "directory",
  "symlink",
  "hardlink",
] as const satisfies readonly MemberKind[];

/** Numbers of the kinds, as `MEMBER_KINDS` has them. */
export const KIND = { file: 0, directory: 1, symlink: 2, hardlink: 3 } as const satisfies Record<
  MemberKind,
  number
>;

/** Three numbers of 64 bits make a row, and then four of 32, whose indexes count 32-bit words. */
export const ROW = {
  numbers: 5,
  mtimeSeconds: 0,
  /** Of the contents of a file, or of the text of a link. */
  sizeBytes: 1,
  /** Where that is: in the archive for a file, among the links for a link. */
  place: 2,
  words: 10,
  mtimeNanos: 6,
  pathStart: 7,
  pathBytes: 8,
  /** The mode, and the kind in the upper half. */
  modeAndKind: 9,
} as const;

const LOWER_HALF = 0xffff;
const MODE_MAX = 0o7777;
const NANOS = 1e9;
/** A part that is empty, `.` or `..`; the empty path is that of the top. */
const BAD_PATH = /^\/|\/(?:\/|$)|(?:^|\/)\.\.?(?:\/|$)/;

/**
 * The members of an archive in its order, as rows of numbers and their texts: thousands of them
 * are made, handed over and kept without an object for each.
 */
export class MemberTable {
  readonly count: number;
  readonly numbers: Float64Array<ArrayBuffer>;
  /** The same memory as `numbers`. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** The path of each member, with a NUL behind it. */
  readonly paths: ByteString;
  /** The targets of links, one at the other. */
  readonly links: ByteString;
  /** The tree that the members are, where it is a simple one. */
  readonly outline: Outline | undefined;

  /** `numbers` holds the rows and nothing else. */
  constructor(
    numbers: Float64Array<ArrayBuffer>,
    paths: ByteString,
    links: ByteString,
    outline: Outline | undefined,
  ) {
    this.count = numbers.length / ROW.numbers;
    this.numbers = numbers;
    this.words = new Uint32Array(numbers.buffer, numbers.byteOffset, this.count * ROW.words);
    this.paths = paths;
    this.links = links;
    this.outline = outline;
  }

  path(row: number): ByteString {
    const start = this.#word(row, ROW.pathStart);
    return this.paths.slice(start, start + this.#word(row, ROW.pathBytes));
  }

  /** The target of a link; empty for all that is none. */
  link(row: number): ByteString {
    if (!this.#isLink(row)) return "";
    const start = this.#number(row, ROW.place);
    return this.links.slice(start, start + this.#number(row, ROW.sizeBytes));
  }

  kind(row: number): MemberKind {
    return MEMBER_KINDS[this.#word(row, ROW.modeAndKind) >>> 16] ?? "file";
  }

  mode(row: number): number {
    return this.#word(row, ROW.modeAndKind) & LOWER_HALF;
  }

  mtimeSeconds(row: number): number {
    return this.#number(row, ROW.mtimeSeconds);
  }

  mtimeNanos(row: number): number {
    return this.#word(row, ROW.mtimeNanos);
  }

  sizeBytes(row: number): number {
    return this.#isLink(row) ? 0 : this.#number(row, ROW.sizeBytes);
  }

  dataOffset(row: number): number {
    return this.#isLink(row) ? 0 : this.#number(row, ROW.place);
  }

  /**
   * Whether a row is one of a member, as far as that matters to who uses it: tables come over a
   * socket, and thousands of rows are not looked at before they are needed.
   */
  isSound(row: number, archiveBytes: number): boolean {
    const start = this.#word(row, ROW.pathStart);
    const size = this.#number(row, ROW.sizeBytes);
    const place = this.#number(row, ROW.place);
    const pathBytes = this.#word(row, ROW.pathBytes);
    const holderBytes = this.#isLink(row) ? this.links.length : archiveBytes;
    return (
      this.#word(row, ROW.modeAndKind) >>> 16 <= KIND.hardlink &&
      this.mode(row) <= MODE_MAX &&
      this.mtimeNanos(row) < NANOS &&
      Number.isSafeInteger(this.mtimeSeconds(row)) &&
      Number.isSafeInteger(size) &&
      Number.isSafeInteger(place) &&
      size >= 0 &&
      place >= 0 &&
      place <= holderBytes - size &&
      (pathBytes > 0 || this.kind(row) === "directory") &&
      this.paths.indexOf("\0", start) === start + pathBytes &&
      !BAD_PATH.test(this.path(row))
    );
  }

  /** One member by itself. */
  at(row: number): Member {
    const kind = this.kind(row);
    const member = {
      path: this.path(row),
      kind,
      mode: this.mode(row),
      mtimeSeconds: this.mtimeSeconds(row),
      mtimeNanos: this.mtimeNanos(row),
      sizeBytes: this.sizeBytes(row),
      dataOffset: this.dataOffset(row),
    };
    return this.#isLink(row) ? { ...member, link: this.link(row) } : member;
  }

  /** All members, each by itself. */
  list(): Member[] {
    return Array.from({ length: this.count }, (_, row) => this.at(row));
  }

  #isLink(row: number): boolean {
    return this.#word(row, ROW.modeAndKind) >>> 16 >= KIND.symlink;
  }

  #number(row: number, field: number): number {
    return this.numbers[row * ROW.numbers + field] ?? 0;
  }

  #word(row: number, field: number): number {
    return this.words[row * ROW.words + field] ?? 0;
  }
}
