import { printable, ZvmError } from "../base/index.ts";
import { reasonOf } from "../zerovm/index.ts";
import { FolderListings, type LeftOut } from "./folders/index.ts";
import { OWN_ACCOUNT, orderFindings, parseJob, STANDARD_JOB_LIMITS } from "./job/index.ts";
import { type PlannedJob, planJob, STANDARD_PLAN_SETTINGS } from "./plan/index.ts";

/** A plan, all findings about the job, and what in the folders is no object. */
export interface FolderPlan extends PlannedJob {
  readonly leftOut: readonly LeftOut[];
}

/**
 * Plans a job whose containers are the sub-folders of a folder. Nobody knows images, or what
 * `debug` may reach, here: what the job names is taken as there.
 * @param text the job, UTF-8
 * @throws ZvmError ZVM_FILE where the folder cannot be read
 */
export async function planOnFolders(text: Uint8Array, folder: string): Promise<FolderPlan> {
  const { job, findings } = parseJob(text);
  const listings = openFolder(folder);
  try {
    if (job === undefined) return { findings, leftOut: [] };
    const { isMultipart, hasOpenWildcards, limits } = STANDARD_PLAN_SETTINGS;
    const known = { account: OWN_ACCOUNT, accounts: [OWN_ACCOUNT] };
    const settings = { ...known, isMultipart, hasOpenWildcards, limits };
    const planned = await planJob(job, listings, settings);
    const all = [...findings, ...planned.findings];
    const ordered = orderFindings(all, STANDARD_JOB_LIMITS["job-findings"]);
    return { ...planned, findings: ordered, leftOut: listings.leftOut };
  } finally {
    listings.close();
  }
}

function openFolder(folder: string): FolderListings {
  try {
    return new FolderListings(folder);
  } catch (cause) {
    const message = `Cannot read the store ${printable(folder)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
