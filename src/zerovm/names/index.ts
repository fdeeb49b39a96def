/** The name server of the original: nodes with numbers find each other's addresses and ports. */
export { askNameServer, type NameQuestion, NameServiceError } from "./ask.ts";
export { listOf } from "./name-table.ts";
export { NAME_RECORDS_MAX, type NameBind, type NameConnect, type NamedPlace } from "./packet.ts";
export {
  type NameEvent,
  type NameServer,
  type NameServerOptions,
  type NameSummary,
  serveNames,
} from "./serve-names.ts";
