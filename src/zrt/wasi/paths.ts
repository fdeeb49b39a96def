/** path_open and the calls on names. */
import { type ByteString, bytesOf, ERRNO, type Errno } from "../../base/index.ts";
import {
  makeDirectory,
  makeLink,
  makeSymlink,
  type OpenFile,
  type OpenRequest,
  type Origin,
  open,
  type Place,
  removeDirectory,
  rename,
  unlink,
} from "../fs/index.ts";
import { FDFLAG } from "./fdstat.ts";
import { LOOKUP_FOLLOW } from "./filestat.ts";
import { type Guest, noteDenied, originOf, readPath } from "./guest.ts";
import { RIGHT, rightsOfKind } from "./rights.ts";

const OFLAG = { CREATE: 1, DIRECTORY: 2, EXCLUSIVE: 4, TRUNCATE: 8 } as const;
const OFLAGS_ALL = 15;
const FDFLAGS_ALL = 31;
/** Where `path_open` makes what is not there, it makes a file. */
const CREATE_DIRECTORY = OFLAG.CREATE | OFLAG.DIRECTORY;

/**
 * Opens or makes a file and writes the lowest free descriptor. The rights say whether it is
 * opened for reading, writing or both.
 *
 *   ? 04 00 00 00 ?
 *     ^-- resultPtr, u32
 *
 * - `EBADF`, `ENOTDIR`: `fd` is not open, or is no directory
 * - `ENOENT`, `ENOTDIR`: a part of the path is missing, or is no directory
 * - `EPERM`: the path climbs out of its directory or is absolute, or a channel does not allow the
 *   flags
 * - `EACCES`: a channel without the limits that this needs
 * - `EEXIST`, `EISDIR`, `ELOOP`, `ENAMETOOLONG`, `EROFS`, `ENOSPC`: as in POSIX
 * - `EINVAL`: unknown flags, a directory is to be made, or NUL in the path
 * - `ENFILE`: no descriptor is free
 * - `EFAULT`: the path or the result is not inside memory
 */
export function pathOpen(
  guest: Guest,
  fd: number,
  lookupFlags: number,
  pathPtr: number,
  pathSize: number,
  oflags: number,
  base: bigint,
  inheriting: bigint,
  fdflags: number,
  resultPtr: number,
): Errno {
  guest.memory.check(resultPtr, 4);
  const path = readPath(guest, pathPtr, pathSize);
  if (typeof path === "number") return path;
  const origin = originOf(guest, fd);
  if (typeof origin === "number") return origin;
  if (oflags > OFLAGS_ALL || fdflags > FDFLAGS_ALL) return ERRNO.EINVAL;
  if ((oflags & CREATE_DIRECTORY) === CREATE_DIRECTORY) return ERRNO.EINVAL;
  const write = (base & RIGHT.FD_WRITE) !== 0n;
  const request = {
    read: (base & RIGHT.FD_READ) !== 0n,
    write,
    append: (fdflags & FDFLAG.APPEND) !== 0,
    create: (oflags & OFLAG.CREATE) !== 0,
    exclusive: (oflags & OFLAG.EXCLUSIVE) !== 0,
    truncate: (oflags & OFLAG.TRUNCATE) !== 0,
    directory: (oflags & OFLAG.DIRECTORY) !== 0,
    followLast: (lookupFlags & LOOKUP_FOLLOW) !== 0,
  };
  const file = openAt(guest, origin, path, request);
  if (typeof file === "number") {
    noteDenied(guest, fd, path, { wanted: write ? "write" : "read", errno: file });
    return file;
  }
  file.otherFlags = fdflags & ~FDFLAG.APPEND;
  const possible = rightsOfKind(file.node);
  guest.rights.set(file, {
    base: BigInt.asUintN(64, base) & possible,
    inheriting: BigInt.asUintN(64, inheriting),
  });
  guest.memory.writeU32(resultPtr, guest.descriptors.add(file));
  return ERRNO.OK;
}

/** Opens or makes a file that gets a descriptor next: one is free for it. */
export function openAt(
  guest: Pick<Guest, "tree" | "descriptors">,
  origin: Origin,
  path: ByteString,
  request: OpenRequest,
): OpenFile | Errno {
  if (guest.descriptors.isFull) return refuseForTable(guest, origin, path, request);
  const file = open(guest.tree, origin, path, request);
  if (typeof file !== "number") file.node.openCount += 1;
  return file;
}

/** A full table makes nothing and cuts nothing; but what is not there is ENOENT before it. */
function refuseForTable(
  guest: Pick<Guest, "tree" | "descriptors">,
  origin: Origin,
  path: ByteString,
  request: OpenRequest,
): Errno {
  const place = guest.tree.lookUp(origin, path, request.followLast);
  if (typeof place === "number") return place;
  if (place.node === undefined && !request.create) return ERRNO.ENOENT;
  return guest.descriptors.noteFull();
}

/**
 * Makes a directory.
 *
 * - `EEXIST`: the name is there; else the errors of a path, `EROFS`, `ENOSPC`
 * - `EPERM`: in `/dev`
 */
export function pathCreateDirectory(guest: Guest, fd: number, ptr: number, size: number): Errno {
  return onPath(guest, fd, ptr, size, makeDirectory);
}

/** Removes an empty directory: `ENOTEMPTY`, `ENOTDIR`, `EBUSY` on mountpoints, `EINVAL` on `.`. */
export function pathRemoveDirectory(guest: Guest, fd: number, ptr: number, size: number): Errno {
  return onPath(guest, fd, ptr, size, removeDirectory);
}

/** Removes a name that is no directory: `EISDIR`, `EPERM` for a device. */
export function pathUnlinkFile(guest: Guest, fd: number, ptr: number, size: number): Errno {
  return onPath(guest, fd, ptr, size, unlink);
}

function onPath(
  guest: Guest,
  fd: number,
  pathPtr: number,
  pathSize: number,
  operation: typeof makeDirectory,
): Errno {
  const path = readPath(guest, pathPtr, pathSize);
  if (typeof path === "number") return path;
  const origin = originOf(guest, fd);
  return typeof origin === "number" ? origin : operation(guest.tree, origin, path);
}

/**
 * Gives a file a second name. To follow a last symbolic link is `EINVAL`: no WASI host does.
 *
 * - `EPERM`: a directory; `EXDEV`: another volume; `EEXIST`: the new name is there
 */
export function pathLink(
  guest: Guest,
  oldFd: number,
  oldFlags: number,
  oldPtr: number,
  oldSize: number,
  newFd: number,
  newPtr: number,
  newSize: number,
): Errno {
  const from = placeOf(guest, oldFd, oldPtr, oldSize);
  if (typeof from === "number") return from;
  const to = placeOf(guest, newFd, newPtr, newSize);
  if (typeof to === "number") return to;
  if ((oldFlags & LOOKUP_FOLLOW) !== 0) return ERRNO.EINVAL;
  return makeLink(guest.tree, from, to);
}

/**
 * Renames within a volume. A directory may replace a file, as in the original.
 *
 * - `EXDEV`: another volume; `EINVAL`: into itself; `EISDIR`, `ENOTEMPTY`: the target
 * - `EBUSY`: `.`, `..`, the root, or a mountpoint
 */
export function pathRename(
  guest: Guest,
  oldFd: number,
  oldPtr: number,
  oldSize: number,
  newFd: number,
  newPtr: number,
  newSize: number,
): Errno {
  const from = placeOf(guest, oldFd, oldPtr, oldSize);
  if (typeof from === "number") return from;
  const to = placeOf(guest, newFd, newPtr, newSize);
  if (typeof to === "number") return to;
  return rename(guest.tree, from, to);
}

function placeOf(guest: Guest, fd: number, pathPtr: number, pathSize: number): Place | Errno {
  const path = readPath(guest, pathPtr, pathSize);
  if (typeof path === "number") return path;
  const origin = originOf(guest, fd);
  return typeof origin === "number" ? origin : guest.tree.lookUp(origin, path, false);
}

/**
 * Makes a symbolic link to `target`, which need not exist.
 *
 * - `EEXIST`: the name is there; else the errors of a path, `EROFS`, `ENOSPC`
 * - `EPERM`: in `/dev`, or an absolute target through any directory but `/`
 */
export function pathSymlink(
  guest: Guest,
  targetPtr: number,
  targetSize: number,
  fd: number,
  pathPtr: number,
  pathSize: number,
): Errno {
  const target = readPath(guest, targetPtr, targetSize);
  if (typeof target === "number") return target;
  const path = readPath(guest, pathPtr, pathSize);
  if (typeof path === "number") return path;
  const origin = originOf(guest, fd);
  if (typeof origin === "number") return origin;
  if (target.startsWith("/") && origin.ceiling !== guest.tree.root) return ERRNO.EPERM;
  return makeSymlink(guest.tree, target, origin, path);
}

/**
 * Writes the target of a symbolic link, cut to the buffer, and how many bytes that were.
 *
 *   61 62 ?      ? 02 00 00 00 ?
 *   ^-- bufferPtr  ^-- resultPtr
 *
 * - `EINVAL`: it is no symbolic link
 * - `EFAULT`: the path, the buffer or the result is not inside memory
 */
export function pathReadlink(
  guest: Guest,
  fd: number,
  pathPtr: number,
  pathSize: number,
  bufferPtr: number,
  bufferSize: number,
  resultPtr: number,
): Errno {
  guest.memory.check(bufferPtr, bufferSize);
  guest.memory.check(resultPtr, 4);
  const place = placeOf(guest, fd, pathPtr, pathSize);
  if (typeof place === "number") return place;
  if (place.node === undefined) return ERRNO.ENOENT;
  if (place.node.kind !== "symlink") return ERRNO.EINVAL;
  const target = bytesOf(place.node.target).subarray(0, bufferSize);
  guest.memory.write(bufferPtr, target);
  guest.memory.writeU32(resultPtr, target.length);
  return ERRNO.OK;
}
