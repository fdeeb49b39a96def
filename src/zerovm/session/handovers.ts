import { closeSync } from "node:fs";
import { FIRST_CELL_FD, type Handover } from "../cell/index.ts";

/** The descriptors that go to a cell, each once, and those of them that are ours to close. */
export class Handovers {
  readonly #places: Handover[] = [];
  readonly #cellFds = new Map<number, number>();
  readonly #owned = new Set<number>();

  /** What the cell is started with, in the order of its descriptors. */
  get places(): readonly Handover[] {
    return this.#places;
  }

  /** Takes `fd` over: it is closed on release. */
  own(fd: number): number {
    this.#owned.add(fd);
    return fd;
  }

  /** @returns the number that `fd` has in the cell. */
  give(fd: number): number {
    const known = this.#cellFds.get(fd);
    if (known !== undefined) return known;
    const cellFd = FIRST_CELL_FD + this.#places.length;
    this.#places.push(fd);
    this.#cellFds.set(fd, cellFd);
    return cellFd;
  }

  /** The number in the cell of the place with this index. */
  cellFdOf(index: number): number {
    return FIRST_CELL_FD + index;
  }

  /** A pipe of which we keep the other end. @returns its number in the cell. */
  givePipe(): number {
    const cellFd = FIRST_CELL_FD + this.#places.length;
    this.#places.push("pipe");
    return cellFd;
  }

  /**
   * Closes all that is ours but `kept`; what is closed stays so. A close that fails (a disk that
   * is full, a server that is gone) has freed the descriptor all the same, and others follow.
   */
  release(kept: ReadonlySet<number> = NONE): void {
    for (const fd of this.#owned) {
      if (kept.has(fd)) continue;
      this.#owned.delete(fd);
      try {
        closeSync(fd);
      } catch {
        // What the cell wrote is judged where the cell closes it.
      }
    }
  }
}

const NONE: ReadonlySet<number> = new Set();
