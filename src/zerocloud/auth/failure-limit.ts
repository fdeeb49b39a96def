interface Bucket {
  /** Tries that are left at `atMs`. */
  tries: number;
  atMs: number;
}

export interface FailureLimitOptions {
  /** Wrong tries in a row that are answered at once. */
  readonly burst: number;
  /** After which one more is. */
  readonly refillMs: number;
  /** Names that are known at a time: the one that failed longest ago is forgotten for a new one. */
  readonly namesMax: number;
}

/**
 * Counts wrong tries by name. A try is taken before it is judged, so that tries at the same time
 * are no way around, and given back where it was right.
 */
export class FailureLimit {
  readonly #options: FailureLimitOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: FailureLimitOptions) {
    this.#options = options;
  }

  /** Takes a try. @returns the time in milliseconds until there is one, 0 where it was taken */
  take(name: string, nowMs: number): number {
    const { burst, refillMs, namesMax } = this.#options;
    const { tries, atMs } = this.#buckets.get(name) ?? { tries: burst, atMs: nowMs };
    const left = Math.min(burst, tries + Math.max(0, nowMs - atMs) / refillMs);
    const isTaken = left >= 1;
    // What was changed last stands last: the first is the one to forget.
    this.#buckets.delete(name);
    this.#buckets.set(name, { tries: isTaken ? left - 1 : left, atMs: nowMs });
    if (this.#buckets.size > namesMax) {
      for (const [oldest] of this.#buckets) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return isTaken ? 0 : Math.ceil((1 - left) * refillMs);
  }

  /** Gives a try back: it was right. */
  giveBack(name: string): void {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) return;
    bucket.tries += 1;
    if (bucket.tries >= this.#options.burst) this.#buckets.delete(name);
  }
}

/** Networks hand out IPv6 addresses by the half: such a client is its first 64 bits. */
export function clientOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (!bare.includes(":")) return bare;
  const [head = "", tail] = bare.toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const ends = tail === "" ? [] : tail.split(":");
    while (groups.length + ends.length < 8) groups.push("0");
    groups.push(...ends);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
