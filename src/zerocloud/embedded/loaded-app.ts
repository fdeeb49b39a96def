import { byteStringOfText } from "../../base/index.ts";
import { type HeaderTable, suidList } from "../request/index.ts";
import {
  type Action,
  type ContainerStat,
  type Identity,
  type Metadata,
  mayAccess,
  ownsAccount,
  READ_LIST,
  type Store,
} from "../store/index.ts";

/** The app that a request really loaded and runs: what a container's grant names must be this. */
export interface LoadedApp {
  readonly account: string;
  readonly container: string;
  readonly object: string;
  /** MD5 of what was loaded, in hexadecimal. */
  readonly etag: string;
  /** The account whose job it is, what `~` means in it: containers of others grant it nothing. */
  readonly runsIn: string;
}

/** Metadata of a container: where it is given, only the app with this etag counts as its app. */
const ENDPOINT_ETAG = "x-container-meta-rest-endpoint-etag";

/** Metadata in the form of headers, one character for each byte. */
export function headersOf(metadata: Metadata): HeaderTable {
  const entries = Object.entries(metadata);
  return Object.fromEntries(entries.map(([name, value]) => [name, byteStringOfText(value)]));
}

/**
 * Whether a container lets somebody in through the app that runs. What the container of the app
 * says of itself counts for nothing: the app is the object that was loaded.
 */
export function mayThroughApp(
  identity: Identity,
  action: Action,
  { account, metadata }: Pick<ContainerStat, "account" | "metadata">,
  app: LoadedApp | undefined,
): boolean {
  if (app === undefined) return false;
  const list = suidList({ account, metadata: headersOf(metadata) }, app, app.runsIn);
  const etag = metadata[ENDPOINT_ETAG] ?? app.etag;
  if (list === undefined || etag.toLowerCase() !== app.etag.toLowerCase()) return false;
  // One list says who, whatever they want to do; it may name referrers also for writing.
  const asked = action === "list" ? "list" : "read";
  return mayAccess(identity, asked, { account, metadata: { [READ_LIST]: list } });
}

/**
 * Whether somebody may run jobs on an account: its owner may, and others through an app for which a
 * container of that very account lets them in.
 */
export async function mayExecute(
  store: Store,
  identity: Identity,
  account: string,
  app?: LoadedApp,
): Promise<boolean> {
  if (ownsAccount(identity, account)) return true;
  if (app === undefined || app.account !== account || app.runsIn !== account) return false;
  const container = await store.containers.stat(app).catch(() => undefined);
  return container !== undefined && mayThroughApp(identity, "list", container, app);
}
