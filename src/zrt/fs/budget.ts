import { ERRNO, type Errno, type LimitName, type Limits } from "../../base/index.ts";

/** What a guest's files may take, and which of the limits it ran into. */
export class Budget {
  readonly #limits: Limits;
  readonly #hit = new Set<LimitName>();
  #bytes = 0;
  #nodes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Bytes held in memory by the files of the guest. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The cap on linear memory, for guests that ask. */
  get memoryMaxBytes(): number {
    return this.#limits.memory;
  }

  get openFilesMax(): number {
    return this.#limits["open-files"];
  }

  /** @returns ENOSPC when the files would hold more than `fs-bytes`; nothing is charged then. */
  chargeBytes(count: number): Errno {
    if (count > 0 && this.#bytes + count > this.#limits["fs-bytes"]) {
      this.#hit.add("fs-bytes");
      return ERRNO.ENOSPC;
    }
    this.#bytes += count;
    return ERRNO.OK;
  }

  /** @returns ENOSPC when there would be more than `fs-nodes` files, directories and links. */
  chargeNode(): Errno {
    if (this.#nodes >= this.#limits["fs-nodes"]) {
      this.#hit.add("fs-nodes");
      return ERRNO.ENOSPC;
    }
    this.#nodes += 1;
    return ERRNO.OK;
  }

  /** Charges all of it or nothing, and says whether there was room; no limit counts as hit. */
  chargeAll(nodes: number, bytes: number): boolean {
    if (this.#nodes + nodes > this.#limits["fs-nodes"]) return false;
    if (bytes > 0 && this.#bytes + bytes > this.#limits["fs-bytes"]) return false;
    this.#nodes += nodes;
    this.#bytes += bytes;
    return true;
  }

  releaseNode(): void {
    this.#nodes -= 1;
  }

  noteHit(name: LimitName): void {
    this.#hit.add(name);
  }

  /** The limits that answered the guest, in the order in which they were first hit. */
  hits(): LimitName[] {
    return [...this.#hit];
  }
}
