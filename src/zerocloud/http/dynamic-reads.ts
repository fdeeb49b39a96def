import type { Exchange } from "../exchange/index.ts";
import type { DynamicObject, ObjectStat, Store } from "../store/index.ts";
import { needAccess } from "./access.ts";

/** Whether the sender wants the manifest of a large object itself. */
export function wantsManifest(exchange: Exchange): boolean {
  return exchange.query.get("multipart-manifest") === "get";
}

/**
 * What the manifest of a dynamic large object stands for at this moment; undefined for any other
 * object, and where the manifest itself is wanted. As in Swift, the sender needs the right to list
 * the container of the segments.
 * @throws ZvmError as `needAccess`, and ZVM_STORE_NOT_FOUND without that container
 */
export async function dynamicOf(
  exchange: Exchange,
  store: Store,
  stat: ObjectStat,
): Promise<DynamicObject | undefined> {
  if (stat.segments === undefined || wantsManifest(exchange)) return undefined;
  await needAccess(exchange, store, "list", stat.segments);
  return await store.dynamic.measure(stat, stat.segments);
}
