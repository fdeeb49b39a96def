import { type Placed, type Spot, type StorageHost, withNames } from "../../placement/index.ts";
import type { ChosenHost } from "../../result/index.ts";
import { hostLabel } from "./host-label.ts";

/** Why a place did not run a node. `absent`: the object is not there, or is another. */
export interface FailedTry {
  readonly kind: "elsewhere" | "absent" | "busy";
  readonly why: string;
}

/** How long it waits for the hosts of its object, and what comes a second from them elsewhere. */
const PATIENCE_MS = 2000;
const BROUGHT_BYTES_S = 50e6;

/**
 * The places of an instance, as they are tried: those beside its object, then those that may have
 * it for others, then those that it would have to be brought to. Who waits for the first does not
 * move the object in the meantime.
 */
export class Tries {
  readonly #why: string;
  readonly #first: Spot | undefined;
  readonly #nowMs: () => number;
  readonly #patientUntilMs: number;
  #groups: readonly Spot[][];
  readonly #absent: Spot[] = [];
  readonly #failures: string[] = [];
  readonly #spots: readonly Spot[];
  /** Of the object, which is read where it lies. */
  readonly besideBytes: number;

  /** @param besideBytes of the object, which may have to be brought elsewhere */
  constructor({ spots, why }: Placed, besideBytes: number, nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#spots = spots;
    this.besideBytes = besideBytes;
    this.#patientUntilMs = nowMs() + PATIENCE_MS + (besideBytes / BROUGHT_BYTES_S) * 1000;
    this.#why = why;
    this.#first = spots[0];
    const beside = spots.filter(({ isLocal, host }) => isLocal && !host.isHandoff);
    const handoffs = spots.filter(({ isLocal, host }) => isLocal && host.isHandoff);
    this.#groups = [beside, handoffs, spots.filter(({ isLocal }) => !isLocal)];
  }

  /**
   * Those that may be tried now, the best first. Who has waited for as long as it would take to
   * bring the object elsewhere waits no more for its hosts alone.
   */
  places(): readonly Spot[] {
    if (this.#nowMs() > this.#patientUntilMs) return this.#groups.flat();
    return this.#groups.find(({ length }) => length > 0) ?? [];
  }

  /** All that came into question, whether or not they failed. */
  get hosts(): readonly StorageHost[] {
    return this.#spots.map(({ host }) => host);
  }

  /** Whether none is left. */
  get isOver(): boolean {
    return this.#groups.every(({ length }) => length === 0);
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
    const told = withNames(why, [spot], hostLabel);
    return { name: hostLabel(spot.host), why: told, triedBefore: this.#failures };
  }
}
