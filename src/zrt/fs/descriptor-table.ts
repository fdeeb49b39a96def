import { ERRNO, type Errno } from "../../base/index.ts";
import type { Budget } from "./budget.ts";
import type { OpenFile } from "./open-file.ts";

/** Called when the last descriptor of a description goes. */
export type Release = (file: OpenFile) => void;

/** The descriptors of the guest: the lowest free number is used, as POSIX asks. */
export class DescriptorTable {
  readonly #slots: (OpenFile | undefined)[] = [];
  readonly #budget: Budget;
  readonly #release: Release;
  #lowestFree = 0;

  constructor(budget: Budget, release: Release) {
    this.#budget = budget;
    this.#release = release;
  }

  get(fd: number): OpenFile | undefined {
    return this.#slots[fd];
  }

  /** @returns the new descriptor, or a negative errno: ENFILE when the table is full. */
  add(file: OpenFile, lowest = 0): number {
    let fd = Math.max(lowest, this.#lowestFree);
    while (this.#slots[fd] !== undefined) fd += 1;
    if (fd >= this.#budget.openFilesMax) {
      this.#budget.noteHit("open-files");
      return -ERRNO.ENFILE;
    }
    this.#put(fd, file);
    return fd;
  }

  get isFull(): boolean {
    let fd = this.#lowestFree;
    while (this.#slots[fd] !== undefined) fd += 1;
    this.#lowestFree = fd;
    return fd >= this.#budget.openFilesMax;
  }

  noteFull(): Errno {
    this.#budget.noteHit("open-files");
    return ERRNO.ENFILE;
  }

  /** What is open, by descriptor. */
  open(): ReadonlyMap<number, OpenFile> {
    const open = new Map<number, OpenFile>();
    this.#slots.forEach((file, fd) => {
      if (file !== undefined) open.set(fd, file);
    });
    return open;
  }

  close(fd: number): Errno {
    const file = this.#slots[fd];
    if (file === undefined) return ERRNO.EBADF;
    this.#slots[fd] = undefined;
    if (fd < this.#lowestFree) this.#lowestFree = fd;
    file.descriptorCount -= 1;
    if (file.descriptorCount === 0) this.#release(file);
    return ERRNO.OK;
  }

  /** Makes `to` a duplicate of `from`, closing what `to` was (dup2). */
  duplicateTo(from: number, to: number): Errno {
    const file = this.#slots[from];
    if (file === undefined) return ERRNO.EBADF;
    if (to >= this.#budget.openFilesMax) return ERRNO.EBADF;
    if (from === to) return ERRNO.OK;
    if (this.#slots[to] !== undefined) this.close(to);
    this.#put(to, file);
    return ERRNO.OK;
  }

  /** Moves `from` onto `to`, which must be open (`fd_renumber`). */
  renumber(from: number, to: number): Errno {
    if (this.#slots[from] === undefined || this.#slots[to] === undefined) return ERRNO.EBADF;
    if (from === to) return ERRNO.OK;
    this.duplicateTo(from, to);
    return this.close(from);
  }

  #put(fd: number, file: OpenFile): void {
    while (this.#slots.length < fd) this.#slots.push(undefined);
    this.#slots[fd] = file;
    file.descriptorCount += 1;
  }
}
