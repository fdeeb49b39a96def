import { remoteItems, type StoredItem } from "../plan/index.ts";
import type { Placed } from "./placer.ts";
import type { Spot } from "./spot.ts";

/**
 * What has to be brought to an instance at one of its places: each object and container that it
 * reads, once, but for the object that lies there. Its program is not among them.
 */
export function broughtTo({ instance, beside }: Placed, spot: Spot): readonly StoredItem[] {
  const isThere = spot.isLocal && beside.kind === "object" && beside.access === "read";
  const { channels } = instance.node;
  const local = isThere ? { device: "", item: beside.item, access: "read" as const } : undefined;
  return remoteItems(channels, local);
}
