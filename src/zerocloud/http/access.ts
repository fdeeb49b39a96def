import { ZvmError } from "../../base/index.ts";
import {
  type Action,
  type ContainerAddress,
  type Identity,
  mayAccess,
  ownsAccount,
  type Store,
} from "../store/index.ts";
import type { Exchange } from "./exchange.ts";
import { isMissing, refuse } from "./refusal.ts";

/** Who asks, in the form that lists of access judge; somebody unknown may have a referrer. */
export async function senderOf(exchange: Exchange): Promise<Identity> {
  const identity = await exchange.identity();
  const referrer = exchange.header("referer");
  return identity === "unknown" ? { names: [], referrer } : { ...identity, referrer };
}

/** Ends the request: 401 for somebody unknown, 403 for somebody known. */
export async function deny(exchange: Exchange): Promise<never> {
  if ((await exchange.identity()) === "unknown") {
    refuse("ZVM_HTTP_SIGN_IN", "This server could not verify that you may access this resource");
  }
  return refuse("ZVM_HTTP_DENIED", "Access was denied to this resource");
}

/** Whether something was thrown because the sender may not do it. */
export function isDenial(cause: unknown): boolean {
  if (!(cause instanceof ZvmError)) return false;
  return cause.code === "ZVM_HTTP_DENIED" || cause.code === "ZVM_HTTP_SIGN_IN";
}

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
