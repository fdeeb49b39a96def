/** What the guest may do with memory: `rx` is code, which may be read as well. */
export type Access = "none" | "r" | "rx" | "rw";

/** A part of the guest's address space in which everything has the same permissions. */
export interface Region {
  /** Guest address behind its last byte. Each begins where the one before it ends. */
  readonly end: number;
  readonly access: Access;
}

/** Guest addresses end here; nothing may be done with what lies above. */
const GUEST_BYTES = 2 ** 32;

/**
 * The permissions of a nexe guest's memory, by which the buffers of its calls are judged. As in
 * the original a range may lie in several regions, if each of them allows it.
 */
export class Regions {
  readonly #regions: readonly Region[];
  /** Code that the guest made itself, by its start: it cannot be written while it is code. */
  readonly #jailed = new Map<number, number>();

  /** @param regions in ascending order, up to the end of the address space */
  constructor(regions: readonly Region[]) {
    this.#regions = regions;
  }

  /** Whether all of the range may be read, or written. A negative size asks for its first byte. */
  allows(address: bigint, size: number, isWritten: boolean): boolean {
    if (address < 0n || address >= BigInt(GUEST_BYTES)) return false;
    const start = Number(address);
    const last = start + Math.max(size, 1) - 1;
    if (last >= GUEST_BYTES || (isWritten && this.#touchesCode(start, last + 1))) return false;
    let from = 0;
    for (const { end, access } of this.#regions) {
      const isTouched = start < end && last >= from;
      if (isTouched && !(access === "rw" || (!isWritten && access !== "none"))) return false;
      from = end;
    }
    return true;
  }

  /** From now on it is code, until it is made data again. */
  jail(start: number, end: number): void {
    this.unjail(start, end);
    this.#jailed.set(start, end);
  }

  unjail(start: number, end: number): void {
    for (const [codeStart, codeEnd] of [...this.#jailed]) {
      if (codeStart >= end || codeEnd <= start) continue;
      this.#jailed.delete(codeStart);
      if (codeStart < start) this.#jailed.set(codeStart, start);
      if (codeEnd > end) this.#jailed.set(end, codeEnd);
    }
  }

  #touchesCode(start: number, end: number): boolean {
    for (const [codeStart, codeEnd] of this.#jailed) {
      if (codeStart < end && codeEnd > start) return true;
    }
    return false;
  }
}
