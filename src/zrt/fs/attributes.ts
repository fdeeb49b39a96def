/** What a node is changed in besides its names and contents. */
import { ERRNO, type Errno } from "../../base/index.ts";
import { refuseChange } from "./names.ts";
import type { Node } from "./node.ts";
import type { Tree } from "./tree.ts";

const PERMISSION_BITS = 0o7777;

/** Sets the permission bits; a symbolic link keeps its own. */
export function changeMode(tree: Tree, node: Node, mode: number): Errno {
  const refused = refuseChange(node.volume);
  if (refused !== ERRNO.OK) return refused;
  if (node.kind !== "symlink") node.mode = mode & PERMISSION_BITS;
  node.changedNs = tree.now();
  return ERRNO.OK;
}

/** Times for a node, in nanoseconds since 1970; what is undefined stays. */
export interface NewTimes {
  readonly accessedNs: bigint | undefined;
  readonly modifiedNs: bigint | undefined;
}

/** Sets the times of a node, and that it was changed now. */
export function changeTimes(tree: Tree, node: Node, times: NewTimes): Errno {
  const refused = refuseChange(node.volume);
  if (refused !== ERRNO.OK) return refused;
  node.accessedNs = times.accessedNs ?? node.accessedNs;
  node.modifiedNs = times.modifiedNs ?? node.modifiedNs;
  node.changedNs = tree.now();
  return ERRNO.OK;
}
