import type { ByteString } from "../base/index.ts";

/**
 * The tree that the members of an archive are, for archives where that takes no deciding: every
 * path has one member, whatever has something in it is a directory that comes before it or that no
 * member names, and there are no hard links. It can be mounted without a look at the members.
 */
export interface Outline {
  /**
   * What a mount makes, in the order in which it is made: three numbers for members in a row that
   * lie in one directory and are none themselves (the number of that directory, the row of the
   * first, their count), and three for each directory (the number of that above it, -1 less its
   * own number, 1). The top is directory 0, others are numbered as they are made.
   */
  readonly runs: Int32Array;
  /** The row that describes each directory, -1 where no member names it. */
  readonly rows: Int32Array;
  /** The names of the directories; that of the top is empty. */
  readonly names: readonly ByteString[];
  /** What all runs make together. */
  readonly nodes: number;
}

/** Numbers of a run. */
export const RUN_NUMBERS = 3;

/** Archives with many more directories that no member names than members get no outline. */
const IMPLIED_FREE = 100;
const IMPLIED_BY_MEMBER = 4;

/** Collects the outline while members are added, and gives up where they are no simple tree. */
export class OutlineBuilder {
  readonly #nodesMax: number;
  #isSimple = true;
  /** All paths, those of directories once more with their numbers. */
  #paths = new Set<ByteString>();
  #directories = new Map<ByteString, number>();
  readonly #runs: number[] = [];
  readonly #rows: number[] = [-1];
  readonly #names: ByteString[] = [""];
  #implied = 0;
  /** The run that grows: its directory with a slash behind it, its number, the run's members. */
  #prefix: ByteString = "";
  #directory = 0;
  #firstRow = 0;
  #count = 0;

  /** A tree of more than `nodesMax` nodes gets no outline. */
  constructor(nodesMax: number) {
    this.#nodesMax = nodesMax;
  }

  /** Takes the member in `row`: no hard link, and in the row after the one before. */
  add(path: ByteString, row: number, isDirectory: boolean): void {
    if (!this.#isSimple) return;
    if (isDirectory) {
      this.#addDirectory(path, row);
      return;
    }
    if (path === "") this.giveUp();
    const nameAt = path.lastIndexOf("/") + 1;
    const isNext = row === this.#firstRow + this.#count;
    if (!isNext || nameAt !== this.#prefix.length || !path.startsWith(this.#prefix)) {
      this.#begin(path.slice(0, nameAt), row);
    }
    this.#count += 1;
    this.#claim(path);
  }

  /** From here on there is no outline. */
  giveUp(): void {
    this.#isSimple = false;
    this.#paths = new Set();
    this.#directories = new Map();
  }

  finish(): Outline | undefined {
    if (!this.#isSimple) return undefined;
    this.#end();
    return {
      runs: Int32Array.from(this.#runs),
      rows: Int32Array.from(this.#rows),
      names: this.#names,
      nodes: this.#paths.size,
    };
  }

  #addDirectory(path: ByteString, row: number): void {
    this.#end();
    if (path !== "") {
      this.#enter(path, row);
      return;
    }
    if (this.#rows[0] !== -1) this.giveUp();
    this.#rows[0] = row;
  }

  /** Ends the run before, and begins one in another directory. */
  #begin(prefix: ByteString, row: number): void {
    this.#end();
    this.#directory = this.#numberOf(prefix.slice(0, -1));
    this.#prefix = prefix;
    this.#firstRow = row;
  }

  #end(): void {
    if (this.#count > 0) this.#runs.push(this.#directory, this.#firstRow, this.#count);
    this.#count = 0;
    this.#firstRow = -1;
  }

  /** The number of a directory; those that are missing on the way are made. */
  #numberOf(path: ByteString): number {
    const missing: ByteString[] = [];
    let known: number | undefined;
    for (let above = path; known === undefined; above = parentOf(above)) {
      known = above === "" ? 0 : this.#directories.get(above);
      if (known === undefined) missing.push(above);
    }
    this.#implied += missing.length;
    if (this.#implied > IMPLIED_FREE + IMPLIED_BY_MEMBER * this.#paths.size) this.giveUp();
    for (let each = missing.pop(); each !== undefined && this.#isSimple; each = missing.pop()) {
      known = this.#enter(each, -1);
    }
    return known;
  }

  #enter(path: ByteString, row: number): number {
    const above = this.#numberOf(parentOf(path));
    const number = this.#rows.length;
    this.#runs.push(above, -1 - number, 1);
    this.#rows.push(row);
    this.#names.push(path.slice(path.lastIndexOf("/") + 1));
    this.#directories.set(path, number);
    this.#claim(path);
    return number;
  }

  /** A path that is taken, by a member or by a directory that another lies in, ends it all. */
  #claim(path: ByteString): void {
    const { size } = this.#paths;
    this.#paths.add(path);
    if (this.#paths.size === size || size >= this.#nodesMax) this.giveUp();
  }
}

function parentOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
