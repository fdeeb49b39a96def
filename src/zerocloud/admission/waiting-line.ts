/** Somebody who waits for slots. */
export interface Waiting {
  readonly account: string;
  readonly jobId: string;
  readonly slots: number;
}

/**
 * Those who wait for a pool: accounts take turns, and in an account the oldest job is first. An
 * account that had its turn goes behind all others, also behind those that come later, once each.
 */
export class WaitingLine<Entry extends Waiting> {
  /** Accounts in the order of their turns. */
  readonly #accounts = new Map<string, Entry[]>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  countOf(account: string): number {
    return this.#accounts.get(account)?.length ?? 0;
  }

  add(entry: Entry): void {
    const entries = this.#accounts.get(entry.account) ?? [];
    // Most are the newest: the search from the end is short.
    let at = entries.length;
    while (at > 0 && (entries[at - 1]?.jobId ?? "") > entry.jobId) at -= 1;
    entries.splice(at, 0, entry);
    this.#accounts.set(entry.account, entries);
    this.#count += 1;
  }

  /** Takes one out that waits no longer; nothing happens where it is not there. */
  remove(entry: Entry): void {
    const entries = this.#accounts.get(entry.account) ?? [];
    const at = entries.indexOf(entry);
    if (at < 0) return;
    entries.splice(at, 1);
    this.#count -= 1;
    if (entries.length === 0) this.#accounts.delete(entry.account);
  }

  /**
   * The first one of the first account in turn that may have something now.
   * @param roundOf of the next turn of an account; of one round, who waits longest is first
   */
  first(
    mayHave: (entry: Entry) => boolean,
    roundOf: (account: string) => number,
  ): Entry | undefined {
    let found: Entry | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [account, [entry]] of this.#accounts) {
      const round = roundOf(account);
      if (entry === undefined || round >= lowest || !mayHave(entry)) continue;
      [found, lowest] = [entry, round];
    }
    return found;
  }
}
