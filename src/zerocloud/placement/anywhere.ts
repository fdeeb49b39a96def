import type { HostBook } from "./host-book.ts";
import { mixed } from "./seeded-hash.ts";
import { type Spot, spotsOf } from "./spot.ts";
import { hostKey, type Located } from "./storage-host.ts";

/** All hosts that a cluster named, of which some are drawn for each instance. */
export class Anywhere {
  /** One for each server. */
  readonly #spots: readonly Spot[];
  readonly #book: HostBook;
  #inSpots: readonly Spot[] = [];
  /** While the revision is this and the time before that, `#inSpots` is true. */
  #revision = -1;
  #untilMs = 0;

  constructor(located: readonly Located[], book: HostBook) {
    const spots = new Map<string, Spot>();
    for (const spot of located.flatMap((one) => spotsOf(one, false))) {
      const key = hostKey(spot.host);
      if (!spots.has(key)) spots.set(key, spot);
    }
    this.#spots = [...spots.values()];
    this.#book = book;
  }

  /** So many hosts, the same for the same seed: of those that are not out, if there is one. */
  draw(count: number, seed: number, nowMs: number): readonly Spot[] {
    const spotsIn = this.#spotsIn(nowMs);
    const spots = spotsIn.length > 0 ? spotsIn : this.#spots;
    if (spots.length <= count) return spots;
    const drawn = new Set<Spot>();
    for (let at = 0; drawn.size < count; at += 1) {
      // A draw that comes to one that is there already moves on by one.
      const index = mixed(seed, at) % spots.length;
      for (let next = index, size = drawn.size; drawn.size === size; next += 1) {
        const spot = spots[next % spots.length];
        if (spot !== undefined) drawn.add(spot);
      }
    }
    return [...drawn];
  }

  /** Looking at all hosts is for when one went out or came back, not for every instance. */
  #spotsIn(nowMs: number): readonly Spot[] {
    const { revision } = this.#book;
    if (revision === this.#revision && nowMs < this.#untilMs) return this.#inSpots;
    this.#inSpots = this.#spots.filter(({ host }) => this.#book.outUntilMs(host, nowMs) === 0);
    this.#revision = revision;
    this.#untilMs = this.#book.nextReturnMs(nowMs);
    return this.#inSpots;
  }
}
