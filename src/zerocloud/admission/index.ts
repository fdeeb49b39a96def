/** Which jobs run now, which wait, and which are refused; and the ids that say their age. Pure. */
export {
  Admission,
  type AdmissionOptions,
  type EnterRequest,
  JobBusy,
  type PoolUse,
} from "./admission.ts";
export { JobIds } from "./job-ids.ts";
export type { AccountLimits, Release, Slots } from "./pool.ts";
export {
  DEFAULT_POOL,
  type PoolFault,
  type PoolKind,
  type PoolSetting,
  parsePools,
  STANDARD_POOLS,
} from "./pool-option.ts";
