import { type ByteString, ERRNO, type Errno } from "../../base/index.ts";
import type { DirectoryNode, Node } from "./node.ts";
import type { Tree } from "./tree.ts";
import { NAME_BYTES_MAX } from "./walk.ts";

export interface MakeDirectoriesOptions {
  /** Mode of each directory that is made. */
  readonly mode: number;
  /** A mountpoint may be made in an image that the guest cannot change. */
  readonly evenReadonly?: boolean;
}

/**
 * Gives the directory at `path`, taken from the root, and makes it and those above it where they
 * are missing. On failure nothing was made: `ENOTDIR` behind a file, `EPERM` in `/dev`, `EROFS`,
 * `ENOSPC`, `ENAMETOOLONG`, `EINVAL` for a NUL.
 */
export function makeDirectories(
  tree: Tree,
  path: ByteString,
  options: MakeDirectoriesOptions,
): DirectoryNode | Errno {
  if (path.includes("\0")) return ERRNO.EINVAL;
  const made: { parent: DirectoryNode; name: ByteString }[] = [];
  let current = tree.root;
  for (const part of path.split("/")) {
    const known = childOf(tree, current, part);
    const next = known ?? makeOne(tree, current, part, options);
    if (typeof next === "number") {
      for (const { parent, name } of made.reverse()) tree.detach(parent, name);
      return next;
    }
    if (known === undefined) made.push({ parent: current, name: part });
    current = next;
  }
  return current;
}

/** @returns undefined where there is nothing of that name yet. */
function childOf(
  tree: Tree,
  current: DirectoryNode,
  part: ByteString,
): DirectoryNode | Errno | undefined {
  if (part === "" || part === ".") return current;
  if (part === "..") return current.parent ?? current;
  const node = current.get(part);
  if (node === undefined) return undefined;
  const found: Node | Errno =
    node.kind === "symlink" ? tree.find({ start: current, ceiling: tree.root }, part, true) : node;
  if (typeof found === "number") return found;
  return found.kind === "directory" ? found : ERRNO.ENOTDIR;
}

function makeOne(
  tree: Tree,
  parent: DirectoryNode,
  name: ByteString,
  { mode, evenReadonly }: MakeDirectoriesOptions,
): DirectoryNode | Errno {
  if (name.length > NAME_BYTES_MAX) return ERRNO.ENAMETOOLONG;
  if (parent.volume.isDevices === true) return ERRNO.EPERM;
  if (parent.volume.readonly && evenReadonly !== true) return ERRNO.EROFS;
  const made = tree.newDirectory(parent.volume, mode, parent);
  if (typeof made === "number") return made;
  made.isStandIn = true;
  tree.attach(parent, name, made);
  return made;
}
