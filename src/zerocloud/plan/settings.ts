import { type JobLimits, STANDARD_JOB_LIMITS } from "../job/index.ts";

/** What a server adds to a job. */
export interface PlanSettings {
  /** The account of the request: what `~` stands for. */
  readonly account: string;
  readonly limits: JobLimits;
  /** Accounts that a job may name, `~` for its own; undefined where nobody knows. */
  readonly accounts?: readonly string[];
  /** Names of the system images; undefined where nobody knows them, and each name may be one. */
  readonly systemImages?: readonly string[];
  /** Whether a tar image came with the job; undefined where nobody knows. */
  readonly hasPostedImage?: boolean;
  /** Addresses `HOST:PORT` that the device `debug` may reach; undefined where nobody knows. */
  readonly debugTargets?: readonly string[];
  /** Whether the answer can hold several outputs of one node. */
  readonly isMultipart: boolean;
  /** Whether names may go on behind the end of a wildcard, as in the original. */
  readonly hasOpenWildcards: boolean;
}

/** A server that has no images, and allows what nobody can misuse. */
export const STANDARD_PLAN_SETTINGS: Omit<PlanSettings, "account"> = Object.freeze({
  limits: STANDARD_JOB_LIMITS,
  systemImages: [],
  hasPostedImage: false,
  debugTargets: [],
  isMultipart: false,
  hasOpenWildcards: false,
});
