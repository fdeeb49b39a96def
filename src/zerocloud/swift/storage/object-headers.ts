import type { StoredItem } from "../../plan/index.ts";
import type { ItemStat } from "../../storage/index.ts";
import type { SwiftAnswer } from "./swift-calls.ts";

const META = "x-object-meta-";

/** The ETag of an object, which stands in quotes where it is large. */
export function etagOf({ headers }: Pick<SwiftAnswer, "headers">): string {
  return (headers.get("etag") ?? "").replace(/^"|"$/g, "");
}

/** What the answer to a HEAD or GET says of an object. */
export function statOf(item: StoredItem, { headers }: Pick<SwiftAnswer, "headers">): ItemStat {
  const meta = [...headers].filter(([name]) => name.startsWith(META));
  const isLarge =
    headers.get("x-static-large-object")?.toLowerCase() === "true" ||
    headers.has("x-object-manifest");
  const { account, container, object } = item;
  return {
    account,
    container,
    ...(object !== undefined && { object }),
    sizeBytes: Number(headers.get("content-length") ?? 0),
    etag: etagOf({ headers }),
    contentType: headers.get("content-type") ?? "",
    timestamp: headers.get("x-timestamp") ?? "",
    meta: Object.fromEntries(meta.map(([name, value]) => [name.slice(META.length), value])),
    ...(isLarge && { notInPlace: "large object" as const }),
  };
}
