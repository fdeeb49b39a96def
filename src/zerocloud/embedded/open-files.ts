import { readFileSync } from "node:fs";
import { ZvmError } from "../../base/index.ts";
import type { Identity } from "../access/index.ts";
import type { Store } from "../store/index.ts";

/** Descriptors of a process where the host does not say how many it may have. */
const LIMIT = 1024;
/** Segments of a static large object, which a job can read on every host. */
const ACCOUNT_LEAST = 1000;

/**
 * Counts files that jobs have open, so that large objects of many segments leave descriptors to
 * uploads and to the jobs of others.
 */
export class OpenFiles {
  readonly #most: number;
  readonly #mostOfOne: number;
  readonly #counts = new Map<string, number>();
  #count = 0;

  /** @param most of all jobs together; those of one account have a half */
  constructor(most: number, leastOfOne = ACCOUNT_LEAST) {
    this.#most = most;
    this.#mostOfOne = Math.min(most, Math.max(leastOfOne, Math.floor(most / 2)));
  }

  /**
   * Told of a file before it is kept open.
   * @throws ZvmError ZVM_STORE_BUSY where jobs, or those of one sender, have enough of them
   */
  add({ owns, names }: Identity): void {
    const sender = owns ?? names[0] ?? "";
    const own = this.#counts.get(sender) ?? 0;
    if (this.#count >= this.#most || own >= this.#mostOfOne) {
      throw new ZvmError("ZVM_STORE_BUSY", `Jobs have ${own} files open, and get no more of them`);
    }
    this.#counts.set(sender, own + 1);
    this.#count += 1;
  }

  remove({ owns, names }: Identity, files: number): void {
    const sender = owns ?? names[0] ?? "";
    const own = (this.#counts.get(sender) ?? 0) - files;
    if (own > 0) this.#counts.set(sender, own);
    else this.#counts.delete(sender);
    this.#count -= files;
  }
}

const OF_STORES = new WeakMap<Store, OpenFiles>();

/** Of all jobs over one store: half of what the process may have open. */
export function openFilesOf(store: Store): OpenFiles {
  const known = OF_STORES.get(store) ?? new OpenFiles(Math.floor(limitOfProcess() / 2));
  OF_STORES.set(store, known);
  return known;
}

function limitOfProcess(): number {
  const text = readFileSync("/proc/self/limits", "utf8");
  const limit = /^Max open files +(\d+|unlimited)/m.exec(text)?.[1];
  if (limit === "unlimited") return Number.MAX_SAFE_INTEGER;
  return limit === undefined ? LIMIT : Number(limit);
}
