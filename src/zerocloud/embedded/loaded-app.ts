import {
  type Action,
  type ContainerStat,
  type Identity,
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
}

/** Metadata of a container that lets people in through one app. */
export const APP_GRANT = {
  /** The app, as `swift://ACCOUNT/CONTAINER/OBJECT`. */
  endpoint: "x-container-meta-rest-endpoint",
  /** Where it is given, only the app with this etag. */
  endpointEtag: "x-container-meta-rest-endpoint-etag",
  /** Who, in the words of a list of access. */
  suid: "x-container-meta-zerovm-suid",
} as const;

/** How containers name an app. Names are as they are, nothing is encoded. */
export function urlOfApp({ account, container, object }: LoadedApp): string {
  return `swift://${account}/${container}/${object}`;
}

/**
 * Whether a container lets somebody in through the app that runs. What the container of the app
 * says of itself counts for nothing: the app is the object that was loaded.
 */
export function mayThroughApp(
  identity: Identity,
  action: Action,
  container: Pick<ContainerStat, "account" | "metadata">,
  app: LoadedApp | undefined,
): boolean {
  if (app === undefined) return false;
  const { metadata, account } = container;
  const suid = metadata[APP_GRANT.suid] ?? "";
  const etag = metadata[APP_GRANT.endpointEtag] ?? app.etag;
  if (suid === "" || metadata[APP_GRANT.endpoint] !== urlOfApp(app)) return false;
  if (etag.toLowerCase() !== app.etag.toLowerCase()) return false;
  // One list says who, whatever they want to do; it may name referrers also for writing.
  const asked = action === "list" ? "list" : "read";
  return mayAccess(identity, asked, { account, metadata: { [READ_LIST]: suid } });
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
  if (app === undefined || app.account !== account) return false;
  const container = await store.containers.stat(app).catch(() => undefined);
  return container !== undefined && mayThroughApp(identity, "list", container, app);
}
