import type { ObjectStat } from "./object-state.ts";

/** Conditional headers of a request, as they came. */
export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

/** `failed` is status 412; `not-modified` is status 304 for a reader. */
export type Verdict = "met" | "failed" | "not-modified";

const STAMPS_PER_S = 100_000;

/**
 * Whether an object may be read under these conditions, in the order of RFC 9110: an etag counts
 * more than a time.
 * @param stat undefined where there is no object
 */
export function judgeConditions(
  stat: Pick<ObjectStat, "etag" | "modifiedAt"> | undefined,
  conditions: Conditions,
): Verdict {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!names(ifMatch, stat?.etag)) return "failed";
  } else if (isAfter(stat, ifUnmodifiedSince)) return "failed";
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, stat?.etag) ? "not-modified" : "met";
  const isOld = stat !== undefined && secondsOf(ifModifiedSince) !== undefined;
  return isOld && !isAfter(stat, ifModifiedSince) ? "not-modified" : "met";
}

/** Whether a list of etags has this one; `*` has every one. */
function names(list: string, etag: string | undefined): boolean {
  if (etag === undefined) return false;
  const named = list.split(",").map((one) =>
    one
      .trim()
      .replace(/^W\//, "")
      .replace(/^"(.*)"$/, "$1"),
  );
  return named.includes("*") || named.includes(etag);
}

/** Whether it was changed after a time of HTTP, which counts whole seconds. */
function isAfter(
  stat: Pick<ObjectStat, "modifiedAt"> | undefined,
  time: string | undefined,
): boolean {
  const seconds = secondsOf(time);
  if (stat === undefined || seconds === undefined) return false;
  return Math.ceil(stat.modifiedAt / STAMPS_PER_S) > seconds;
}

/** @returns undefined for a header that is not there or no date, which counts as not there */
function secondsOf(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? "");
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
