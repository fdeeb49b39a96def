/** The API of OpenStack Swift over the embedded store, on HTTP. */
export { needAccess, needOwner } from "./access.ts";
export type { InfoSections } from "./info.ts";
export type { Judgement, Prevalidation } from "./program-marks.ts";
export { RequestShare } from "./request-share.ts";
export { type HttpOptions, type HttpServer, startHttp } from "./start-http.ts";
export { parseTarget, type Target } from "./target.ts";
