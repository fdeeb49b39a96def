import { type PlannedNode, pathOfItem } from "../plan/index.ts";
import type { ItemStat } from "../storage/index.ts";

/**
 * What a node is told of the object beside which it runs; nothing where that is anywhere.
 * @param stat of the object or container, where it is read
 */
export function localVariables(
  { attachment, channels }: PlannedNode,
  stat: ItemStat | undefined,
): Record<string, string> {
  if (attachment === undefined) return {};
  const { device, item, access } = attachment;
  const named = {
    LOCAL_OBJECT: "on",
    LOCAL_PATH_INFO: pathOfItem(item),
    LOCAL_DOCUMENT_ROOT: `/dev/${device}`,
  };
  if (access === "read") return stat === undefined ? named : { ...stated(stat), ...named };
  const channel = channels.find((it) => it.device === device);
  if (channel?.kind !== "stored") return named;
  return { LOCAL_CONTENT_TYPE: channel.contentType, ...metaVariables(channel.meta), ...named };
}

function stated({ sizeBytes, contentType, etag, timestamp, meta }: ItemStat) {
  return {
    LOCAL_CONTENT_LENGTH: String(sizeBytes),
    LOCAL_CONTENT_TYPE: contentType,
    LOCAL_HTTP_ETAG: etag,
    LOCAL_HTTP_X_TIMESTAMP: timestamp,
    ...metaVariables(meta),
  };
}

function metaVariables(meta: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(meta).map(([name, value]) => {
    const variable = name.toUpperCase().replaceAll("-", "_");
    return [`LOCAL_HTTP_X_OBJECT_META_${variable}`, value] as const;
  });
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
