import type { IndexOptions } from "./index-tar.ts";
import { escapeReason } from "./member-path.ts";
import type { MemberTable } from "./member-table.ts";

/**
 * Whether a table that was made with other options is what `tabulateTar` would make with these.
 * Where it says no, the archive may still be accepted.
 */
export function isTableFor(table: MemberTable, options: IndexOptions): boolean {
  const { membersMax, links, mountpoint = "/" } = options;
  const nodes = table.outline?.nodes ?? 0;
  // A name of a file for itself is counted as long as it is read, and then left out.
  if (table.count >= membersMax || nodes >= membersMax) return false;
  if (links === "kept" || table.links === "") return true;
  for (let row = 0; row < table.count; row++) {
    if (table.kind(row) !== "symlink") continue;
    if (escapeReason(table.path(row), table.link(row), mountpoint) !== undefined) return false;
  }
  return true;
}
