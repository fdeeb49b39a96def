import { printable, ZvmError } from "../base/index.ts";
import { reasonOf } from "../zerovm/index.ts";
import { FolderListings, type LeftOut } from "./folders/index.ts";
import { OWN_ACCOUNT, orderFindings, parseJob, STANDARD_JOB_LIMITS } from "./job/index.ts";
import {
  type Listings,
  type PlannedJob,
  type PlanSettings,
  planJob,
  STANDARD_PLAN_SETTINGS,
} from "./plan/index.ts";

/** A plan, all findings about the job, and what in the folders is no object. */
export interface FolderPlan extends PlannedJob {
  readonly leftOut: readonly LeftOut[];
}

/** What else is known of the surroundings of a job. */
export type KnownImages = Pick<PlanSettings, "systemImages" | "hasPostedImage">;

/**
 * Plans a job whose containers are the sub-folders of a folder. What `debug` may reach, and images
 * of which nothing is told, nobody knows here: what the job names of them is taken as there.
 * @param text the job, UTF-8
 * @throws ZvmError ZVM_FILE where the folder cannot be read
 */
export async function planOnFolders(
  text: Uint8Array,
  folder: string,
  known: KnownImages = {},
): Promise<FolderPlan> {
  const listings = openStore(folder, () => new FolderListings(folder));
  try {
    return await planWith(text, listings, known);
  } finally {
    listings.close();
  }
}

/** Plans over folders that are open. */
export async function planWith(
  text: Uint8Array,
  listings: Listings & { readonly leftOut: readonly LeftOut[] },
  known: KnownImages,
): Promise<FolderPlan> {
  const { job, findings } = parseJob(text);
  if (job === undefined) return { findings, leftOut: [] };
  const { isMultipart, hasOpenWildcards, limits } = STANDARD_PLAN_SETTINGS;
  const own = { account: OWN_ACCOUNT, accounts: [OWN_ACCOUNT] };
  const settings = { ...own, isMultipart, hasOpenWildcards, limits, ...known };
  const planned = await planJob(job, listings, settings);
  const all = [...findings, ...planned.findings];
  const ordered = orderFindings(all, STANDARD_JOB_LIMITS["job-findings"]);
  return { ...planned, findings: ordered, leftOut: listings.leftOut };
}

/** @throws ZvmError ZVM_FILE where the folder cannot be read */
export function openStore<Opened>(folder: string, open: () => Opened): Opened {
  try {
    return open();
  } catch (cause) {
    const message = `Cannot read the store ${printable(folder)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
