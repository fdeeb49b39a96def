/** What a cell is told on its command line, before it knows what it is to run. */
import type { LockPlan } from "../../walls/index.ts";

export interface LaunchPlan {
  readonly lock: LockPlan;
  /** Goes on without walls that cannot be built. */
  readonly isWeak: boolean;
  /** Runs a guest of its own a few times before it is locked. */
  readonly isWarm: boolean;
}

export function encodePlan(plan: LaunchPlan): string {
  return JSON.stringify(plan);
}

/** The words come from our own host, on a command line: they are taken as they are. */
export function decodePlan(text: string | undefined): LaunchPlan {
  return JSON.parse(text ?? "") as LaunchPlan;
}
