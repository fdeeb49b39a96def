/** One session from its manifest to its report, in a process of its own. */

export { classicRefusal } from "./classic-refusal.ts";
export { executeManifest, type ManifestRequest } from "./execute-manifest.ts";
export { HOST_OFFER } from "./host-offer.ts";
export { refusedReport, STANDARD_HASH } from "./make-report.ts";
export { hearErrors } from "./pipes.ts";
export { type ReplayRequest, replay } from "./replay-record.ts";
export type { SessionImage, SessionRequest, Substitute } from "./request.ts";
export { limitsOf, runSession } from "./run-session.ts";
