/** The job language of ZeroCloud: text to checked value, every finding with its place. */
export { DEVICES, type DeviceKind, deviceKind, MODES, type Mode } from "./devices.ts";
export {
  type FindingAdvice,
  type FindingWords,
  hasErrors,
  type JobFinding,
  makeFinding,
  orderFindings,
  shownWord,
} from "./finding.ts";
export type { Device, Exec, Group, Job, Target } from "./job.ts";
export { readJson } from "./json-reader.ts";
export { DEVICE_KEYS, EXEC_KEYS, GROUP_KEYS, type KeyKind, type Schema } from "./keys.ts";
export {
  JOB_LIMIT_TABLE,
  type JobLimitKind,
  type JobLimitName,
  type JobLimits,
  STANDARD_JOB_LIMITS,
} from "./limits.ts";
export { type ParsedJob, parseJob } from "./parse.ts";
export { metaFaults, metaItemFault } from "./read-meta.ts";
export type { RuleKind } from "./rule-kind.ts";
export { RULES, type RuleName } from "./rules.ts";
export { jobSchema } from "./schema.ts";
export type { JobPlace } from "./text-places.ts";
export {
  type FileUrl,
  hasControls,
  isStoreName,
  isWildcard,
  type JobUrl,
  OBJECT_BYTES_MAX,
  OWN_ACCOUNT,
  parseUrl,
  type SocketUrl,
  type SwiftUrl,
  type ZvmUrl,
} from "./url.ts";
