import type { Admission, AdmittedJob, Release } from "./admission.ts";
import { Slots } from "./slots.ts";

/** The places of connected sessions, which they have all at once. */
export interface SharedPlaces {
  /** One of them has ended. */
  leaveOne(): void;
  leaveAll(): void;
}

/** Where the sessions of one job find their places: among its own, then beside those of others. */
export class JobPlaces {
  readonly #job: AdmittedJob;
  readonly #admission: Admission;
  readonly #slots: Slots;
  readonly #concurrency: number;

  /** @param concurrency sessions of the job at one time */
  constructor(job: AdmittedJob, admission: Admission, concurrency = Number.POSITIVE_INFINITY) {
    this.#job = job;
    this.#admission = admission;
    this.#slots = new Slots(concurrency);
    this.#concurrency = concurrency;
  }

  /** Resolves when there is a place. @throws as `Admission.enter` */
  async enter(signal: AbortSignal): Promise<Release> {
    const releases: Release[] = [await this.#slots.take(signal)];
    const release = (): void => releaseAll(releases);
    try {
      releases.push(await this.#admission.enter(this.#job, "default", signal));
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Resolves when there are places for all connected sessions. They may be more than run at one
   * time otherwise: then they take all places, until so few of them are left that others fit in.
   * @throws as `Admission.enter`
   */
  async enterTogether(signal: AbortSignal): Promise<SharedPlaces> {
    const { connected } = this.#job;
    const own: Release[] = [];
    const admitted: Release[] = [];
    try {
      await this.#enterAll(own, admitted, signal);
    } catch (error) {
      releaseAll([...own, ...admitted]);
      throw error;
    }
    let left = connected;
    return {
      leaveOne: () => {
        left -= 1;
        admitted.pop()?.();
        while (own.length > Math.max(0, left)) own.pop()?.();
      },
      leaveAll: () => releaseAll([...own, ...admitted]),
    };
  }

  async #enterAll(own: Release[], admitted: Release[], signal: AbortSignal): Promise<void> {
    const { connected } = this.#job;
    const slots = Math.min(connected, this.#concurrency);
    // All of them at once, before who comes later has one.
    await all(slots, async () => own.push(await this.#slots.take(signal)));
    await all(connected, async () => {
      admitted.push(await this.#admission.enter(this.#job, "cluster", signal));
    });
  }
}

/** Does something so often at the same time; nothing of it goes on when that ends. */
async function all(count: number, act: () => Promise<unknown>): Promise<void> {
  const ended = await Promise.allSettled(Array.from({ length: count }, act));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}

function releaseAll(releases: readonly Release[]): void {
  for (const release of releases) release();
}
