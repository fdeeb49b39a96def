import { hostKey, type Spot } from "../placement/index.ts";

/** A place at a host, until it is given back. */
export interface Entered<Choice extends Spot> {
  readonly spot: Choice;
  /** Gives it back. @param wasBusy whether the host said that it takes no more now */
  leave(wasBusy: boolean): void;
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
}

/** Sessions of a host that nothing is known of. */
const FIRST_LIMIT = 4;

/**
 * How many sessions each host takes at a time. A host tells of it only by turning one away: until
 * then twice as many are sent with each round that went well. After that no more are sent than it
 * has, and one more with each round, for what held it may be over. Who finds no room waits here,
 * and not by asking again and again.
 */
export class HostGates {
  readonly #gates = new Map<string, Gate>();
  /** Those who wait, the first come first. */
  readonly #waiting = new Set<() => boolean>();

  /** Waits for room at one of several places, the best first. @throws the reason of the signal */
  async enter<Choice extends Spot>(
    spots: readonly Choice[],
    signal: AbortSignal,
  ): Promise<Entered<Choice>> {
    signal.throwIfAborted();
    const entered = this.#enterNow(spots);
    if (entered !== undefined) return entered;
    return await new Promise((resolve, reject) => {
      const tryNow = (): boolean => {
        const found = this.#enterNow(spots);
        if (found === undefined) return false;
        signal.removeEventListener("abort", stop);
        resolve(found);
        return true;
      };
      const stop = (): void => {
        this.#waiting.delete(tryNow);
        reject(signal.reason);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#waiting.add(tryNow);
    });
  }

  #enterNow<Choice extends Spot>(spots: readonly Choice[]): Entered<Choice> | undefined {
    for (const spot of spots) {
      const gate = this.#gate(hostKey(spot.host));
      if (gate.inside >= gate.limit) continue;
      gate.inside += 1;
      let isInside = true;
      const leave = (wasBusy: boolean): void => {
        if (isInside) this.#leave(gate, wasBusy);
        isInside = false;
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
    } else {
      gate.ended += 1;
      if (gate.ended >= gate.limit) {
        gate.limit = gate.hasTold ? gate.limit + 1 : gate.limit * 2;
        gate.ended = 0;
      }
    }
    for (const tryNow of [...this.#waiting]) if (tryNow()) this.#waiting.delete(tryNow);
  }

  #gate(key: string): Gate {
    const known = this.#gates.get(key);
    if (known !== undefined) return known;
    const made: Gate = { inside: 0, limit: FIRST_LIMIT, hasTold: false, ended: 0 };
    this.#gates.set(key, made);
    return made;
  }
}
