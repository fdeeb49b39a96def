import type { PlannedNode } from "../plan/index.ts";

/** Gives a place back; further calls do nothing. */
export type Release = () => void;

/** Who waits for a place. */
export interface AdmittedJob {
  readonly id: string;
  /** Empty where the job is nobody's. */
  readonly account: string;
  /** Its sessions of the pool `cluster`: they wait for each other, and so have to run together. */
  readonly connected: number;
}

/** Decides when a session may begin beside those of other jobs. */
export interface Admission {
  /**
   * Resolves when there is a place.
   * @throws ZvmError where there is none and none is waited for; the reason of the signal
   */
  enter(job: AdmittedJob, pool: PlannedNode["pool"], signal: AbortSignal): Promise<Release>;
}

/** Everybody may begin at once. */
export const OPEN_ADMISSION: Admission = {
  async enter(_job, _pool, signal) {
    signal.throwIfAborted();
    return () => undefined;
  },
};
