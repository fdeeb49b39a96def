import { hostKey, type Placed, type Spot } from "../placement/index.ts";
import type { ChosenHost } from "../result/index.ts";
import { hostLabel } from "./host-label.ts";

/** Why a place did not run a node. `absent`: the object is not there, or is another. */
export interface FailedTry {
  readonly kind: "elsewhere" | "absent" | "busy";
  readonly why: string;
}

/**
 * The places of an instance, as they are tried: those beside its object, then those that may have
 * it for others, then those that it would have to be brought to. Who waits for the first does not
 * move the object in the meantime.
 */
export class Tries {
  readonly #why: string;
  readonly #first: Spot | undefined;
  #groups: readonly Spot[][];
  readonly #absent: Spot[] = [];
  readonly #failures: string[] = [];

  constructor({ spots, why }: Placed) {
    this.#why = why;
    this.#first = spots[0];
    const beside = spots.filter(({ isLocal, host }) => isLocal && !host.isHandoff);
    const handoffs = spots.filter(({ isLocal, host }) => isLocal && host.isHandoff);
    this.#groups = [beside, handoffs, spots.filter(({ isLocal }) => !isLocal)];
  }

  /** Those that may be tried now, the best first; undefined where none is left. */
  next(): readonly Spot[] | undefined {
    return this.#groups.find(({ length }) => length > 0);
  }

  /** A place is not tried again. */
  failed(spot: Spot, { kind, why }: FailedTry): void {
    this.#groups = this.#groups.map((group) => group.filter((one) => one !== spot));
    this.#failures.push(`${hostLabel(spot.host)}: ${why}`);
    if (kind === "absent") this.#absent.push(spot);
  }

  /** Whether some place could run it if its object were brought there. */
  get hasAbsent(): boolean {
    return this.#absent.length > 0;
  }

  /** Those places are tried once more. */
  again(): void {
    this.#groups = [this.#absent.splice(0)];
  }

  /** What the last place said. */
  get last(): string {
    const last = this.#failures.at(-1);
    return last === undefined ? "the cluster names no host" : `the last, ${last}`;
  }

  /** Where it ran, for the report. */
  chosen(spot: Spot): ChosenHost {
    const isFirst = spot === this.#first;
    const why = isFirst ? this.#why : "on another one than was chosen, which had no room or failed";
    const label = hostLabel(spot.host);
    const told = why.replaceAll(hostKey(spot.host), label);
    return { name: label, why: told, triedBefore: this.#failures };
  }
}
