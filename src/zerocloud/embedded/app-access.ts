import { type Action, type Identity, mayAccess, READ_LIST } from "../access/index.ts";
import { appGrant } from "../request/index.ts";
import type { ContainerFacts, LoadedApp } from "../storage/index.ts";

/** Whether a container lets somebody in through the app that runs. */
export function mayThroughApp(
  identity: Identity,
  action: Action,
  container: ContainerFacts,
  app: LoadedApp | undefined,
): boolean {
  const list = appGrant(container, app);
  if (list === undefined) return false;
  // One list says who, whatever they want to do; it may name referrers also for writing.
  const asked = action === "list" ? "list" : "read";
  const { account } = container;
  return mayAccess(identity, asked, { account, metadata: { [READ_LIST]: list } });
}
