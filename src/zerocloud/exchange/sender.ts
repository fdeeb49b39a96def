import { ZvmError } from "../../base/index.ts";
import type { Identity } from "../access/index.ts";
import type { Exchange } from "./exchange.ts";
import { refuse } from "./refusal.ts";

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
