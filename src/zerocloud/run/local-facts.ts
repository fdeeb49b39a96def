import type { LocalFacts } from "../cgi/index.ts";
import type { PlannedNode } from "../plan/index.ts";
import type { ItemStat } from "../storage/index.ts";

/**
 * What a node may learn of the object beside which it runs; nothing where that is anywhere.
 * @param stat of the object or container, where it is read
 */
export function localFacts(
  { attachment, channels }: PlannedNode,
  stat: ItemStat | undefined,
): LocalFacts | undefined {
  if (attachment === undefined) return undefined;
  const { device, item, access } = attachment;
  const named = { ...item, device, access };
  if (access === "read") {
    if (stat === undefined) return { ...named, contentType: "", meta: {} };
    const { sizeBytes, contentType, etag, timestamp, meta } = stat;
    return { ...named, sizeBytes, contentType, etag, timestamp, meta: sorted(meta) };
  }
  const channel = channels.find((it) => it.device === device);
  const { contentType, meta } =
    channel?.kind === "stored" ? channel : { contentType: "", meta: {} };
  return { ...named, contentType, meta: sorted(meta) };
}

/** In the order of the names, whatever order the store has. */
function sorted(meta: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(meta).sort(([one], [other]) => (one < other ? -1 : 1)));
}
