import type { Headers } from "../exchange/index.ts";
import { formatStamp, type ObjectStat } from "../store/index.ts";
import { httpDate } from "./header-text.ts";
import { metadataHeaders } from "./metadata-headers.ts";

/** What an answer says of an object, but for its length. */
export function objectHeaders(stat: ObjectStat): Headers {
  const isStatic = stat.isLarge && stat.segments === undefined;
  return {
    ...metadataHeaders(stat.metadata),
    "Content-Type": stat.contentType,
    Etag: shownEtag(stat),
    "Last-Modified": httpDate(stat.modifiedAt),
    "X-Timestamp": formatStamp(stat.modifiedAt),
    "X-Delete-At": stat.deleteAtS,
    "X-Static-Large-Object": isStatic ? "True" : undefined,
    "Accept-Ranges": "bytes",
  };
}

/** Swift quotes the etags of large objects, which are no MD5 of what is read, and no others. */
export function shownEtag({ etag, isLarge }: Pick<ObjectStat, "etag" | "isLarge">): string {
  return isLarge ? `"${etag}"` : etag;
}
