import type { ByteString } from "../base/index.ts";
import type { Member } from "./member.ts";
import { KIND, MemberTable, ROW } from "./member-table.ts";
import { OutlineBuilder } from "./outline.ts";

/** Rows that an archive of ordinary size does not outgrow. */
const ROWS_MAX = 8192;

/** What a new row holds beside its path and its link. */
export interface RowFacts {
  /** By `KIND`. */
  readonly kind: number;
  readonly mode: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanos: number;
  /** Of a file; 0 for all others, links among them. */
  readonly sizeBytes: number;
  readonly dataOffset: number;
}

/** Makes a table row by row. */
export class TableBuilder {
  count = 0;
  /** What the links have so far. */
  #linkBytes = 0;
  /** What the paths have so far, with what stands behind each. */
  #pathBytes = 0;
  #numbers: Float64Array<ArrayBuffer>;
  #words: Uint32Array<ArrayBuffer>;
  readonly #paths: ByteString[] = [];
  readonly #links: ByteString[] = [];
  readonly #outline: OutlineBuilder;

  /** What paths and links have together. */
  get textBytes(): number {
    return this.#pathBytes - this.count + this.#linkBytes;
  }

  /** Of about `rows` rows; a tree of more than `entriesMax` entries gets no outline. */
  constructor(rows: number, entriesMax: number) {
    this.#numbers = new Float64Array(ROW.numbers * Math.max(1, Math.min(rows, ROWS_MAX)));
    this.#words = new Uint32Array(this.#numbers.buffer);
    this.#outline = new OutlineBuilder(entriesMax);
  }

  add(path: ByteString, link: ByteString, facts: RowFacts): void {
    const row = this.count;
    const at = row * ROW.numbers;
    if (at === this.#numbers.length) this.#growRows();
    const isLink = facts.kind >= KIND.symlink;
    const numbers = this.#numbers;
    numbers[at] = facts.mtimeSeconds;
    numbers[at + ROW.sizeBytes] = isLink ? link.length : facts.sizeBytes;
    numbers[at + ROW.place] = isLink ? this.#linkBytes : facts.dataOffset;
    const words = this.#words;
    const wordAt = row * ROW.words;
    words[wordAt + ROW.mtimeNanos] = facts.mtimeNanos;
    words[wordAt + ROW.pathStart] = this.#pathBytes;
    words[wordAt + ROW.pathBytes] = path.length;
    words[wordAt + ROW.modeAndKind] = facts.mode + (facts.kind << 16);
    this.#paths.push(path);
    this.#pathBytes += path.length + 1;
    this.count = row + 1;
    if (isLink) {
      this.#links.push(link);
      this.#linkBytes += link.length;
    }
    if (facts.kind === KIND.hardlink) this.#outline.giveUp();
    else this.#outline.add(path, row, facts.kind === KIND.directory);
  }

  /** The paths of the rows so far, and whether each is a name of a file. */
  *paths(): Generator<[path: ByteString, isFile: boolean]> {
    for (const [row, path] of this.#paths.entries()) {
      const kind = (this.#words[row * ROW.words + ROW.modeAndKind] ?? 0) >>> 16;
      yield [path, kind === KIND.file || kind === KIND.hardlink];
    }
  }

  /** A table of the rows so far. */
  finish(): MemberTable {
    const numbers = this.#numbers.subarray(0, this.count * ROW.numbers);
    const paths = this.count === 0 ? "" : `${this.#paths.join("\0")}\0`;
    return new MemberTable(numbers, paths, this.#links.join(""), this.#outline.finish());
  }

  #growRows(): void {
    const grown = new Float64Array(4 * this.#numbers.length);
    // By words: a number that is no number would not be copied as it is.
    const words = new Uint32Array(grown.buffer);
    words.set(this.#words);
    this.#numbers = grown;
    this.#words = words;
  }
}

/** A table of members that are at hand. */
export function tableOf(members: readonly Member[]): MemberTable {
  const builder = new TableBuilder(members.length, Number.POSITIVE_INFINITY);
  for (const { path, link = "", kind, ...rest } of members) {
    builder.add(path, link, { ...rest, kind: KIND[kind] });
  }
  return builder.finish();
}
