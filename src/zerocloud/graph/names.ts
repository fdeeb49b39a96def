import { OWN_ACCOUNT } from "../job/index.ts";
import { pathOfItem, type StoredItem } from "../plan/index.ts";

/** An item as people know it: `CONTAINER/OBJECT` in their own account. */
export function itemName(item: StoredItem): string {
  const path = pathOfItem(item);
  const own = `/${OWN_ACCOUNT}/`;
  return path.startsWith(own) ? path.slice(own.length) : path;
}
