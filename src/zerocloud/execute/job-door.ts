import { Admission as Door } from "../admission/index.ts";
import type { Admission, AdmittedJob, Release } from "../run/index.ts";
import type { ExecutorSettings } from "./settings.ts";

/** What the connected sessions of one job have together. */
interface SharedSlots {
  readonly entering: Promise<Release>;
  /** Sessions that have slots, or wait for them. */
  active: number;
  /** Sessions that have not come yet. */
  missing: number;
}

/** The pools of a server as the door to the sessions of its jobs. */
export class JobDoor implements Admission {
  readonly #door: Door;
  /** By the ids of jobs: connected sessions enter all at once, by one of them. */
  readonly #shared = new Map<string, SharedSlots>();

  constructor(door: Door) {
    this.#door = door;
  }

  async enter(
    job: AdmittedJob,
    pool: "default" | "cluster",
    signal: AbortSignal,
  ): Promise<Release> {
    const { id: jobId, account } = job;
    if (pool === "cluster") return await this.#enterTogether(job, signal);
    return await this.#door.enter({ jobId, account, pool, signal });
  }

  async #enterTogether({ id, account, connected }: AdmittedJob, signal: AbortSignal) {
    const pool = "cluster";
    const shared = this.#shared.get(id) ?? {
      entering: this.#door.enter({ jobId: id, account, pool, slots: connected, signal }),
      active: 0,
      missing: connected,
    };
    this.#shared.set(id, shared);
    shared.active += 1;
    shared.missing -= 1;
    try {
      const release = await shared.entering;
      let isHeld = true;
      return () => {
        if (isHeld) this.#leave(id, shared, signal, release);
        isHeld = false;
      };
    } catch (error) {
      this.#leave(id, shared, signal, () => undefined);
      throw error;
    }
  }

  /** The last one gives back the slots of all; of a job that was ended nobody else comes. */
  #leave(id: string, shared: SharedSlots, signal: AbortSignal, release: Release): void {
    shared.active -= 1;
    if (shared.active > 0 || (shared.missing > 0 && !signal.aborted)) return;
    this.#shared.delete(id);
    release();
  }
}

/** The door of a server with these settings. */
export function jobDoorOf({ pools, runningPerAccount, queuedPerAccount }: ExecutorSettings) {
  const accounts = { running: runningPerAccount, queued: queuedPerAccount };
  return new JobDoor(new Door({ pools, accounts, nowMs: () => performance.now() }));
}
