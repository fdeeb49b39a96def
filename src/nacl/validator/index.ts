/** The validator of Native Client code: the rules that keep it in its sandbox. Pure. */
export { FINDINGS_MAX, type Finding, type Verdict } from "./findings.ts";
export { REASONS, type Reason } from "./reasons.ts";
export { type ValidateOptions, validate } from "./validate.ts";
