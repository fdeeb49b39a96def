/** The operations on names: make, link, remove, rename. Errors are those of Linux unless noted. */
import { type ByteString, ERRNO, type Errno } from "../../base/index.ts";
import type { DirectoryNode, Node, Volume } from "./node.ts";
import type { Origin, Tree } from "./tree.ts";
import { PATH_BYTES_MAX, type Place } from "./walk.ts";

/** Makes a directory; the mode is 0777 without the umask unless one was set for it. */
export function makeDirectory(tree: Tree, origin: Origin, path: ByteString): Errno {
  const mode = tree.takeMode(0o777);
  const place = tree.lookUp(origin, path, false);
  if (typeof place === "number") return place;
  if (isTaken(place)) return ERRNO.EEXIST;
  const refused = refuseChange(place.parent.volume);
  if (refused !== ERRNO.OK) return refused;
  const made = tree.newDirectory(place.parent.volume, mode, place.parent);
  if (typeof made === "number") return made;
  return tree.enter(place.parent, place.name, made);
}

/** Makes a symbolic link; its target may be anything but empty. */
export function makeSymlink(
  tree: Tree,
  target: ByteString,
  origin: Origin,
  path: ByteString,
): Errno {
  if (target === "") return ERRNO.ENOENT;
  if (target.length >= PATH_BYTES_MAX) return ERRNO.ENAMETOOLONG;
  const place = tree.lookUp(origin, path, false);
  if (typeof place === "number") return place;
  if (isTaken(place)) return ERRNO.EEXIST;
  if (place.wantsDirectory) return ERRNO.ENOENT;
  const refused = refuseChange(place.parent.volume);
  if (refused !== ERRNO.OK) return refused;
  const made = tree.newSymlink(place.parent.volume, target);
  if (typeof made === "number") return made;
  return tree.enter(place.parent, place.name, made);
}

/** Gives the node at `place` a second name; directories are refused, unlike in the original. */
export function makeLink(tree: Tree, from: Place, to: Place): Errno {
  const node = from.node;
  if (node === undefined) return ERRNO.ENOENT;
  if (node.kind === "directory") return ERRNO.EPERM;
  if (isTaken(to)) return ERRNO.EEXIST;
  if (to.wantsDirectory) return ERRNO.ENOENT;
  if (from.parent.volume !== to.parent.volume) return ERRNO.EXDEV;
  const refused = refuseChange(to.parent.volume);
  if (refused !== ERRNO.OK) return refused;
  const charged = tree.budget.chargeNode();
  if (charged !== ERRNO.OK) return charged;
  node.nlink += 1;
  node.changedNs = tree.now();
  return tree.enter(to.parent, to.name, node);
}

/** Removes a name that is no directory; the node lives on while it is open. */
export function unlink(tree: Tree, origin: Origin, path: ByteString): Errno {
  const place = tree.lookUp(origin, path, false);
  if (typeof place === "number") return place;
  const node = place.node;
  if (node === undefined) return ERRNO.ENOENT;
  if (place.slashLink) return ERRNO.ENOTDIR;
  if (node.kind === "directory") return ERRNO.EISDIR;
  const refused = refuseChange(place.parent.volume);
  if (refused !== ERRNO.OK) return refused;
  tree.detach(place.parent, place.name);
  return ERRNO.OK;
}

/** Removes an empty directory. */
export function removeDirectory(tree: Tree, origin: Origin, path: ByteString): Errno {
  const place = tree.lookUp(origin, path, false);
  if (typeof place === "number") return place;
  const node = place.node;
  if (node === undefined) return ERRNO.ENOENT;
  if (node.kind !== "directory" || place.slashLink) return ERRNO.ENOTDIR;
  if (node === tree.root) return ERRNO.EBUSY;
  if (place.name === "") return place.lastPart === ".." ? ERRNO.ENOTEMPTY : ERRNO.EINVAL;
  if (isMount(node, place.parent)) return ERRNO.EBUSY;
  const refused = refuseChange(place.parent.volume);
  if (refused !== ERRNO.OK) return refused;
  if (node.size > 0) return ERRNO.ENOTEMPTY;
  tree.detach(place.parent, place.name);
  return ERRNO.OK;
}

/**
 * Renames. As in the original, a directory may replace a file; a directory may replace an empty
 * one; nothing else replaces a directory.
 */
export function rename(tree: Tree, from: Place, to: Place): Errno {
  const node = from.node;
  if (node === undefined) return ERRNO.ENOENT;
  if (from.name === "" || to.name === "") return ERRNO.EBUSY;
  const refused = judgeRename(node, from, to);
  if (refused !== ERRNO.OK) return refused;
  if (to.node === node) return ERRNO.OK;
  const moved = tree.move(node, from, to);
  if (moved !== ERRNO.OK) return moved;
  node.changedNs = tree.now();
  return ERRNO.OK;
}

function judgeRename(node: Node, from: Place, to: Place): Errno {
  const isDirectory = node.kind === "directory";
  const target = to.node;
  if (from.slashLink || to.slashLink) return ERRNO.ENOTDIR;
  if (!isDirectory && (from.wantsDirectory || to.wantsDirectory)) return ERRNO.ENOTDIR;
  if (isDirectory && isMount(node, from.parent)) return ERRNO.EBUSY;
  if (from.parent.volume !== to.parent.volume) return ERRNO.EXDEV;
  const refused = refuseChange(to.parent.volume);
  if (refused !== ERRNO.OK) return refused;
  if (isDirectory && isWithin(to.parent, node)) return ERRNO.EINVAL;
  if (target?.kind === "directory" && isWithin(from.parent, target)) return ERRNO.ENOTEMPTY;
  if (target?.kind !== "directory" || target === node) return ERRNO.OK;
  if (!isDirectory) return ERRNO.EISDIR;
  if (isMount(target, to.parent)) return ERRNO.EBUSY;
  return target.size > 0 ? ERRNO.ENOTEMPTY : ERRNO.OK;
}

/** A symbolic link with a slash behind it is there, wherever it leads. */
function isTaken(place: Place): boolean {
  return place.node !== undefined || place.slashLink;
}

/** `/dev` is given with the channels: EPERM; a read-only image: EROFS. */
export function refuseChange(volume: Volume): Errno {
  if (volume.isDevices === true) return ERRNO.EPERM;
  return volume.readonly ? ERRNO.EROFS : ERRNO.OK;
}

function isMount(node: DirectoryNode, parent: DirectoryNode): boolean {
  return node.volume !== parent.volume;
}

function isWithin(directory: DirectoryNode, above: DirectoryNode): boolean {
  let current = directory;
  while (current !== above) {
    const parent = current.parent;
    if (parent === undefined || parent === current) return false;
    current = parent;
  }
  return true;
}
