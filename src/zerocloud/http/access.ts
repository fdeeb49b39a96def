import { type Action, mayAccess, ownsAccount } from "../access/index.ts";
import { deny, type Exchange, isMissing, senderOf } from "../exchange/index.ts";
import type { ContainerAddress, Store } from "../store/index.ts";

/** @throws ZvmError ZVM_HTTP_SIGN_IN, _DENIED for everybody but the owner of the account */
export async function needOwner(exchange: Exchange, account: string): Promise<void> {
  if (!ownsAccount(await senderOf(exchange), account)) await deny(exchange);
}

/**
 * Judges an action by the container's lists of access. A container that is not there has none, so
 * that only the owner of the account gets to know that it is missing.
 * @throws ZvmError ZVM_HTTP_SIGN_IN, _DENIED
 */
export async function needAccess(
  exchange: Exchange,
  store: Store,
  action: Action,
  { account, container }: ContainerAddress,
): Promise<void> {
  const sender = await senderOf(exchange);
  if (ownsAccount(sender, account)) return;
  const stat = await ifThere(store.containers.stat({ account, container }));
  if (stat === undefined || !mayAccess(sender, action, stat)) await deny(exchange);
}

/** What is looked up, or undefined where it is not there. */
export async function ifThere<Found>(looking: Promise<Found>): Promise<Found | undefined> {
  return await looking.catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    throw cause;
  });
}
