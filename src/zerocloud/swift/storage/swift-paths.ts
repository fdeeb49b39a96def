import type { StoredItem } from "../../plan/index.ts";

/** The raw path of an item for requests to Swift. */
export function rawPath({ account, container, object }: Partial<StoredItem>): string {
  const segments = ["", "v1", account, container]
    .filter((it) => it !== undefined)
    .map(encodeURIComponent);
  // The slashes of an object are part of its name, and stay as they are.
  const rest = object === undefined ? [] : object.split("/").map(encodeURIComponent);
  return [...segments, ...rest].join("/");
}

/** The part of an item's raw path that an object server has behind device and partition. */
export function innerPath(item: Partial<StoredItem>): string {
  return rawPath(item).slice("/v1".length);
}
