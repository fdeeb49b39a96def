import type { TrackedJob } from "./tracked-job.ts";

/** What is remembered of jobs that have ended. */
export interface RegistryLimits {
  readonly endedJobs: number;
  /** Of all their reports together. */
  readonly reportBytes: number;
  readonly endedMs: number;
}

export const STANDARD_REGISTRY_LIMITS: RegistryLimits = Object.freeze({
  endedJobs: 1000,
  reportBytes: 32 * 2 ** 20,
  endedMs: 3_600_000,
});

/** The jobs of a server: those under way, and the last that ended. */
export class JobRegistry {
  readonly #limits: RegistryLimits;
  readonly #running = new Map<string, TrackedJob>();
  /** In the order of their ends. */
  readonly #ended = new Map<string, TrackedJob>();
  #reportBytes = 0;

  constructor(limits: RegistryLimits = STANDARD_REGISTRY_LIMITS) {
    this.#limits = limits;
  }

  add(job: TrackedJob): void {
    this.#running.set(job.id, job);
  }

  /** Told when a job has ended. */
  settle(job: TrackedJob): void {
    job.settle();
    this.#running.delete(job.id);
    this.#ended.set(job.id, job);
    this.#reportBytes += job.report.length;
    this.#expire();
  }

  get running(): readonly TrackedJob[] {
    return [...this.#running.values()];
  }

  /** Those that have jobs here. */
  get accounts(): readonly string[] {
    this.#expire();
    const all = [...this.#running.values(), ...this.#ended.values()];
    return [...new Set(all.map(({ account }) => account))];
  }

  find(id: string): TrackedJob | undefined {
    this.#expire();
    return this.#running.get(id) ?? this.#ended.get(id);
  }

  /** Those of accounts that `sees` takes, the newest first. */
  list(sees: (account: string) => boolean): readonly TrackedJob[] {
    this.#expire();
    const all = [...this.#running.values(), ...this.#ended.values()];
    const seen = all.filter(({ account }) => sees(account));
    return seen.sort((one, other) => (one.id < other.id ? 1 : -1));
  }

  forget({ id }: TrackedJob): void {
    const job = this.#ended.get(id);
    if (job === undefined) return;
    this.#ended.delete(id);
    this.#reportBytes -= job.report.length;
  }

  #expire(): void {
    const { endedJobs, reportBytes, endedMs } = this.#limits;
    const oldestMs = Date.now() - endedMs;
    for (const job of this.#ended.values()) {
      if ((job.endedMs ?? 0) >= oldestMs) break;
      this.forget(job);
    }
    while (this.#ended.size > endedJobs) this.#forgetOldest(() => 1);
    while (this.#reportBytes > reportBytes) this.#forgetOldest(({ report }) => report.length);
  }

  /** Forgets a job of the account that has most: nobody's go for the many of somebody else. */
  #forgetOldest(weightOf: (job: TrackedJob) => number): void {
    const weights = new Map<string, number>();
    for (const job of this.#ended.values()) {
      weights.set(job.account, (weights.get(job.account) ?? 0) + weightOf(job));
    }
    const most = Math.max(...weights.values());
    for (const job of this.#ended.values()) {
      if (weights.get(job.account) !== most) continue;
      this.forget(job);
      return;
    }
  }
}
