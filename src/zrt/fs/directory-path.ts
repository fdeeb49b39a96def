import { type ByteString, ERRNO, type Errno } from "../../base/index.ts";
import type { DirectoryNode } from "./node.ts";
import type { Tree } from "./tree.ts";

/** The path of a directory from the root: `ENOENT` where it has none, `ERANGE` past `bytesMax`. */
export function directoryPath(
  tree: Tree,
  directory: DirectoryNode,
  bytesMax: number,
): ByteString | Errno {
  const parts: string[] = [];
  let length = 0;
  let current = directory;
  while (current !== tree.root) {
    const parent = current.parent;
    if (current.nlink === 0 || parent === undefined) return ERRNO.ENOENT;
    const name = nameIn(parent, current);
    if (name === undefined) return ERRNO.ENOENT;
    length += 1 + name.length;
    // A guest can nest directories without end: no work for a path that will not fit.
    if (length > bytesMax) return ERRNO.ERANGE;
    parts.push(name);
    current = parent;
  }
  const path = `/${parts.reverse().join("/")}`;
  return path.length > bytesMax ? ERRNO.ERANGE : path;
}

function nameIn(parent: DirectoryNode, directory: DirectoryNode): ByteString | undefined {
  for (const entry of parent.entries()) if (entry.node === directory) return entry.name;
  return undefined;
}
