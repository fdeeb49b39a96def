import { hostKey, type Spot, type StorageHost } from "../../placement/index.ts";

/** A place at a host, until it is given back. */
export interface Entered {
  readonly spot: Spot;
  /** Gives it back. @param wasBusy whether the host said that it takes no more now */
  leave(wasBusy: boolean): void;
}

/** Who wants a place. */
export interface Wish {
  /** The best first, asked for each time when there may be room. */
  readonly places: () => readonly Spot[];
  /** Whose turn it is where others wait. */
  readonly account: string;
  readonly signal: AbortSignal;
}

interface Gate {
  /** Sessions that we have there. */
  inside: number;
  /** How many it takes, as far as it has told. */
  limit: number;
  /** Whether it ever turned one away. */
  hasTold: boolean;
  /** Sessions that ended well since the limit was moved last. */
  ended: number;
  /** How long it was left alone when it turned one away last. */
  restMs: number;
  /** Nobody is sent there before. */
  closedUntilMs: number;
}

interface Waiting extends Wish {
  readonly resolve: (entered: Entered) => void;
}

/** Sessions of a host that nothing is known of. */
const FIRST_LIMIT = 4;
/** How long a host is left alone that turned a node away, and at most after it did so again. */
const FIRST_REST_MS = 50;
const LONGEST_REST_MS = 1000;
/** Between two looks while somebody waits: hosts are asked again, and others come into question. */
const LOOK_MS = 50;

/**
 * How many sessions each host takes at a time. A host tells of it when it is asked to hold a place,
 * and by turning one away: until then twice as many are sent with each round that went well. After
 * it turned one away no more are sent than it has, and one more with each round, for what held it
 * may be over. Who finds no room waits here, and not by asking again and again; those accounts are
 * served first that have the least.
 */
export class HostGates {
  readonly #nowMs: () => number;
  readonly #gates = new Map<string, Gate>();
  /** Sessions of accounts, at all hosts. */
  readonly #ofAccounts = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  #look: NodeJS.Timeout | undefined;

  /** @param nowMs a clock that never goes back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Waits for room at one of several places. @throws the reason of the signal */
  async enter(wish: Wish): Promise<Entered> {
    const { signal } = wish;
    signal.throwIfAborted();
    const entered = this.#waiting.size === 0 ? this.#enterNow(wish) : undefined;
    if (entered !== undefined) return entered;
    return await new Promise((resolve, reject) => {
      const waiting: Waiting = {
        ...wish,
        resolve: (found) => {
          signal.removeEventListener("abort", stop);
          this.#waiting.delete(waiting);
          resolve(found);
        },
      };
      const stop = (): void => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#waiting.add(waiting);
      this.#serve();
    });
  }

  /** A host has said how many sessions it takes at a time. */
  told(host: StorageHost, places: number): void {
    const gate = this.#gate(hostKey(host));
    if (!gate.hasTold) gate.limit = Math.max(gate.limit, places);
  }

  /** Lets in who waits, those first whose account has the least, then who came first. */
  #serve(): void {
    for (;;) {
      const byLoad = [...this.#waiting].sort(
        (one, other) => this.#loadOf(one) - this.#loadOf(other),
      );
      let isAnyIn = false;
      for (const waiting of byLoad) {
        const entered = this.#enterNow(waiting);
        if (entered === undefined) continue;
        waiting.resolve(entered);
        isAnyIn = true;
        break;
      }
      if (!isAnyIn) break;
    }
    if (this.#waiting.size === 0) return;
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      this.#serve();
    }, LOOK_MS);
  }

  #loadOf({ account }: Wish): number {
    return this.#ofAccounts.get(account) ?? 0;
  }

  #enterNow({ places, account }: Wish): Entered | undefined {
    const nowMs = this.#nowMs();
    for (const spot of places()) {
      const gate = this.#gate(hostKey(spot.host));
      if (gate.inside >= gate.limit || gate.closedUntilMs > nowMs) continue;
      gate.inside += 1;
      this.#count(account, 1);
      let isInside = true;
      const leave = (wasBusy: boolean): void => {
        if (!isInside) return;
        isInside = false;
        this.#count(account, -1);
        this.#leave(gate, wasBusy);
      };
      return { spot, leave };
    }
    return undefined;
  }

  #leave(gate: Gate, wasBusy: boolean): void {
    gate.inside -= 1;
    if (wasBusy) {
      // One at least, or nobody would ever find out that there is room again.
      gate.limit = Math.max(1, gate.inside);
      gate.hasTold = true;
      gate.ended = 0;
      gate.restMs = Math.min(LONGEST_REST_MS, Math.max(FIRST_REST_MS, gate.restMs * 2));
      gate.closedUntilMs = this.#nowMs() + gate.restMs;
    } else {
      gate.restMs = 0;
      gate.ended += 1;
      if (gate.ended >= gate.limit) {
        gate.limit = gate.hasTold ? gate.limit + 1 : gate.limit * 2;
        gate.ended = 0;
      }
    }
    this.#serve();
  }

  #count(account: string, more: number): void {
    const count = (this.#ofAccounts.get(account) ?? 0) + more;
    if (count > 0) this.#ofAccounts.set(account, count);
    else this.#ofAccounts.delete(account);
  }

  #gate(key: string): Gate {
    const known = this.#gates.get(key);
    if (known !== undefined) return known;
    const made: Gate = {
      inside: 0,
      limit: FIRST_LIMIT,
      hasTold: false,
      ended: 0,
      restMs: 0,
      closedUntilMs: 0,
    };
    this.#gates.set(key, made);
    return made;
  }
}
