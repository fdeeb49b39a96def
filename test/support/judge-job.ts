import {
  type JobFinding,
  type JobLimits,
  parseJob,
  STANDARD_JOB_LIMITS,
} from "../../src/zerocloud/job/index.ts";
import {
  type Plan,
  type PlanSettings,
  planJob,
  STANDARD_PLAN_SETTINGS,
} from "../../src/zerocloud/plan/index.ts";
import { FakeListings } from "./fake-listings.ts";

/** What tests know of a server: its account is `t`, and its one system image `py`. */
export interface Scene {
  /** Names of objects by `ACCOUNT/CONTAINER`. */
  readonly objects?: Readonly<Record<string, readonly string[]>>;
  readonly settings?: Partial<PlanSettings>;
  readonly limits?: Partial<JobLimits>;
}

export interface JudgedText {
  readonly findings: readonly JobFinding[];
  readonly plan?: Plan;
}

/** Parses and plans a job for a test: a text, or a value that is made one. */
export async function judgeText(job: unknown, scene: Scene = {}): Promise<JudgedText> {
  const isText = typeof job === "string" || job instanceof Uint8Array;
  const limits = { ...STANDARD_JOB_LIMITS, ...scene.limits };
  const parsed = parseJob(isText ? job : JSON.stringify(job), limits);
  if (parsed.job === undefined) return { findings: parsed.findings };
  const settings = {
    ...STANDARD_PLAN_SETTINGS,
    account: "t",
    systemImages: ["py"],
    limits,
    ...scene.settings,
  };
  const listings = new FakeListings(scene.objects ?? {});
  const { plan, findings } = await planJob(parsed.job, listings, settings);
  const all = [...parsed.findings, ...findings];
  return plan === undefined ? { findings: all } : { plan, findings: all };
}

/** A group that is right in all; tests change what they look at. */
export function groupOf(part: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { name: "n", exec: { path: "swift://~/bin/p" }, ...part };
}
