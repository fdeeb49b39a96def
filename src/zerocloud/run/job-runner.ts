import type { PlacementRow } from "../placement/index.ts";
import type { Plan } from "../plan/index.ts";
import type { JobResult } from "../result/index.ts";
import type { Storage } from "../storage/index.ts";
import type { JobRequest } from "./settings.ts";

/** Where plans of jobs run: on this machine, or on many. */
export interface JobRunner {
  /** What jobs may name as system images: for `PlanSettings.systemImages`. */
  readonly systemImages: readonly string[];
  /** Cells that wait for sessions. */
  readonly waitingCells: number;
  /**
   * Runs a plan over a store. Whatever goes wrong with a node is in its result; the bodies of the
   * result are the caller's to read or release.
   */
  run(plan: Plan, storage: Storage, request: JobRequest): Promise<JobResult>;
  /**
   * Where the instances of a plan would run, and why; nothing runs.
   * @throws Refusal where the plan could not begin
   */
  place(plan: Plan, storage: Storage, request: JobRequest): Promise<readonly PlacementRow[]>;
  /** Closes what is kept; jobs that run still have theirs. */
  close(): Promise<void>;
}
