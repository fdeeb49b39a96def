import { BYTES, type Diagnostic, type Form, judgeValue, optional, wordOf } from "../base/index.ts";
import { checkSessionText, type TextKind, textKindOf } from "../zerovm/index.ts";
import { type JobFinding, orderFindings, parseJob, STANDARD_JOB_LIMITS } from "./job/index.ts";
import { judgeJob, STANDARD_PLAN_SETTINGS } from "./plan/index.ts";

export interface CheckedText {
  readonly kind: TextKind;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * All findings about a text that can be made without the host, for `zerovm check`.
 * @param kind what the text is; found out where it is not given.
 * @throws ZvmError ZVM_USAGE when they are not bytes, or there is no such kind
 */
export function checkText(bytes: Uint8Array, kind?: TextKind): CheckedText {
  judgeValue("checkText", bytes, BYTES);
  judgeValue("checkText", kind, KIND);
  const known = kind ?? textKindOf(bytes);
  const diagnostics = known === "job" ? checkJob(bytes) : checkSessionText(bytes, known);
  return { kind: known, diagnostics };
}

const KIND: Form = optional(wordOf(["manifest", "nvram", "job"]));

/** Nobody knows the server here: what it may have is taken as there. */
function checkJob(bytes: Uint8Array): readonly JobFinding[] {
  const { job, findings } = parseJob(bytes);
  if (job === undefined) return findings;
  const { isMultipart, hasOpenWildcards, limits } = STANDARD_PLAN_SETTINGS;
  const judged = judgeJob(job, { account: "~", isMultipart, hasOpenWildcards, limits });
  return orderFindings([...findings, ...judged], STANDARD_JOB_LIMITS["job-findings"]);
}
