/** Requests over HTTP and the answers to them, whatever serves them. */
export { Cors, type MetadataOf } from "./cors.ts";
export type { EndedExchange } from "./ended.ts";
export {
  Exchange,
  type ExchangeParts,
  type Headers,
  type Identify,
  type Pieces,
} from "./exchange.ts";
export { headerValue, textOfLatin1 } from "./header-text.ts";
export { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
export { listenAt, tryAddress } from "./listen.ts";
export { decodePath, Query } from "./query.ts";
export { isMissing, type Refusal, refusalOf, refuse, statusLine } from "./refusal.ts";
export { deny, isDenial, senderOf } from "./sender.ts";
export { type Arrival, ExchangeServer, type Handler, type ServerOptions } from "./server.ts";
