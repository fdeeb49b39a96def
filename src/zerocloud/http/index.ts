/** The API of OpenStack Swift over the embedded store, on HTTP. */
export { deny, needAccess, needOwner, senderOf } from "./access.ts";
export { Cors } from "./cors.ts";
export type { EndedExchange } from "./ended.ts";
export { Exchange, type Headers, type Identify, type Pieces } from "./exchange.ts";
export type { InfoSections } from "./info.ts";
export { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
export { tryAddress } from "./listen.ts";
export type { Judgement, Prevalidation } from "./program-marks.ts";
export { RequestShare } from "./request-share.ts";
export { type Handler, type HttpOptions, type HttpServer, startHttp } from "./server.ts";
export { parseTarget, Query, type Target } from "./target.ts";
