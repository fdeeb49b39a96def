/** One session from its manifest to its report, in a process of its own. */

export { type AskedSession, askSession, SESSION_FIELDS } from "./ask-session.ts";
export { classicRefusal } from "./classic-refusal.ts";
export { compiledPool } from "./compiled-pool.ts";
export { executeManifest, type ManifestRequest } from "./execute-manifest.ts";
export { reasonOf } from "./host-file.ts";
export { identityOf } from "./host-identity.ts";
export { HOST_OFFER } from "./host-offer.ts";
export { judgeRecord, judgeVerify } from "./judge-further.ts";
export { checkKey, checkWrites, withErrorCodes } from "./judge-session.ts";
export { limitsOf } from "./limits-of.ts";
export { bareReport, interruptedOutcome, refusedReport, STANDARD_HASH } from "./make-report.ts";
export { openForCompiling, openModule } from "./module.ts";
export { nexeRules } from "./nexe-layout.ts";
export { hearErrors } from "./pipes.ts";
export { type PreparedOnce, prepareCell, prepareOnce } from "./prepare-cell.ts";
export type { Repeatable } from "./repeatable.ts";
export { type ReplayRequest, replay } from "./replay-record.ts";
export type {
  SessionFreezing,
  SessionImage,
  SessionModule,
  SessionRequest,
  Substitute,
  WireEnd,
} from "./request.ts";
export { runSession } from "./run-session.ts";
export { scratchFile } from "./scratch-file.ts";
