/** One session from its manifest to its report, in a process of its own. */

export { type AskedSession, askSession } from "./ask-session.ts";
export { classicRefusal } from "./classic-refusal.ts";
export { compileInCell } from "./compile-cell.ts";
export { executeManifest, type ManifestRequest } from "./execute-manifest.ts";
export { identityOf } from "./host-identity.ts";
export { HOST_OFFER } from "./host-offer.ts";
export { judgeRecord, judgeVerify } from "./judge-further.ts";
export { checkWrites } from "./judge-session.ts";
export { limitsOf } from "./limits-of.ts";
export { refusedReport, STANDARD_HASH } from "./make-report.ts";
export { openForCompiling, openModule } from "./module.ts";
export { hearErrors } from "./pipes.ts";
export { prepareCell } from "./prepare-cell.ts";
export { type ReplayRequest, replay } from "./replay-record.ts";
export type { SessionImage, SessionModule, SessionRequest, Substitute } from "./request.ts";
export { runSession } from "./run-session.ts";
