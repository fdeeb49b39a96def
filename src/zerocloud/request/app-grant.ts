import type { ContainerFacts, LoadedApp } from "../storage/index.ts";
import { suidList } from "./endpoint.ts";
import { headersOf } from "./header-table.ts";

/** Metadata of a container: where it is given, only the app with this etag counts as its app. */
const ENDPOINT_ETAG = "x-container-meta-rest-endpoint-etag";

/**
 * The list of access by which a container lets people in through the app that runs, whatever they
 * want to do; undefined where it lets in nobody so. What the container of the app says of itself
 * counts for nothing: the app is the object that was loaded.
 */
export function appGrant(
  { account, metadata }: ContainerFacts,
  app: LoadedApp | undefined,
): string | undefined {
  if (app === undefined) return undefined;
  const list = suidList({ account, metadata: headersOf(metadata) }, app, app.runsIn);
  const etag = metadata[ENDPOINT_ETAG] ?? app.etag;
  return etag.toLowerCase() === app.etag.toLowerCase() ? list : undefined;
}
