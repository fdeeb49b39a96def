/** A server from its start to its end: store, accounts, log and figures, and what ends it. */
export { apiServer } from "./api-server.ts";
export { Beside, type BesideRequest } from "./beside.ts";
export { type EmbeddedJobs, embeddedJobs } from "./embedded-jobs.ts";
export { judgeStart } from "./judge-start.ts";
export { kindOfPath } from "./kind-of-path.ts";
export { openParts, type ServerParts } from "./parts.ts";
export {
  type CloudServer,
  type MakeServer,
  type ServeRequest,
  type ServeSignals,
  type Started,
  serve,
} from "./serve.ts";
