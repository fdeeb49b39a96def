/** The filestat structure of preview1 and preview0, and the calls that write it or set times. */
import { ERRNO, type Errno } from "../../base/index.ts";
import { changeTimes, MODE_TYPE, type Node, type Stat, statNode } from "../fs/index.ts";
import { exactNumber, type Guest, noteDenied, originOf, readPath } from "./guest.ts";

export const FILETYPE = {
  UNKNOWN: 0,
  BLOCK_DEVICE: 1,
  CHARACTER_DEVICE: 2,
  DIRECTORY: 3,
  REGULAR_FILE: 4,
  SOCKET_STREAM: 6,
  SYMBOLIC_LINK: 7,
} as const;

const FILETYPE_OF_MODE: ReadonlyMap<number, number> = new Map([
  [MODE_TYPE.block, FILETYPE.BLOCK_DEVICE],
  [MODE_TYPE.character, FILETYPE.CHARACTER_DEVICE],
  [MODE_TYPE.directory, FILETYPE.DIRECTORY],
  [MODE_TYPE.file, FILETYPE.REGULAR_FILE],
  // WASI has no FIFO; a socket stream is what comes nearest: it has no position.
  [MODE_TYPE.fifo, FILETYPE.SOCKET_STREAM],
  [MODE_TYPE.symlink, FILETYPE.SYMBOLIC_LINK],
]);

const TYPE_BITS = 0o170000;

export function filetypeOf(node: Node): number {
  return FILETYPE_OF_MODE.get(statNode(node).mode & TYPE_BITS) ?? FILETYPE.UNKNOWN;
}

/** Follow a symbolic link in the last part of the path. */
export const LOOKUP_FOLLOW = 1;

/** Writes a node's status in one of the two layouts. */
export type StatWriter = (guest: Guest, pointer: number, stat: Stat) => void;

/**
 * The 64 bytes of preview1:
 *
 *   0 dev u64 | 8 ino u64 | 16 filetype u8, 7 zero | 24 nlink u64 | 32 size u64
 *   40 atim u64 | 48 mtim u64 | 56 ctim u64
 */
export const writeStatPreview1: StatWriter = (guest, pointer, stat) => {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  writeIdentity(view, stat);
  view.setBigUint64(24, BigInt(stat.nlink), true);
  writeSizeAndTimes(view, 32, stat);
  guest.memory.write(pointer, bytes);
};

/** The 56 bytes of preview0: nlink is a u32 at 20, the rest follows at 24. */
export const writeStatPreview0: StatWriter = (guest, pointer, stat) => {
  const bytes = new Uint8Array(56);
  const view = new DataView(bytes.buffer);
  writeIdentity(view, stat);
  view.setUint32(20, stat.nlink, true);
  writeSizeAndTimes(view, 24, stat);
  guest.memory.write(pointer, bytes);
};

function writeIdentity(view: DataView, stat: Stat): void {
  view.setBigUint64(0, BigInt(stat.device), true);
  view.setBigUint64(8, BigInt(stat.ino), true);
  view.setUint8(16, FILETYPE_OF_MODE.get(stat.mode & TYPE_BITS) ?? FILETYPE.UNKNOWN);
}

function writeSizeAndTimes(view: DataView, at: number, stat: Stat): void {
  view.setBigUint64(at, BigInt(stat.sizeBytes), true);
  view.setBigUint64(at + 8, stat.accessedNs, true);
  view.setBigUint64(at + 16, stat.modifiedNs, true);
  view.setBigUint64(at + 24, stat.changedNs, true);
}

/**
 * Writes the status of an open file.
 *
 * - `EBADF`: `fd` is not open
 * - `EFAULT`: the result is not inside memory
 */
export function fdFilestatGet(write: StatWriter, sizeBytes: number) {
  return (guest: Guest, fd: number, resultPtr: number): Errno => {
    const file = guest.descriptors.get(fd);
    if (file === undefined) return ERRNO.EBADF;
    guest.memory.check(resultPtr, sizeBytes);
    write(guest, resultPtr, statNode(file.node));
    return ERRNO.OK;
  };
}

/**
 * Writes the status of what a path names, following a last symbolic link if asked.
 *
 * - `EBADF`, `ENOTDIR`: `fd` is not open, or is no directory
 * - `ENOENT`, `ENOTDIR`, `ELOOP`, `ENAMETOOLONG`, `EPERM`: the path, see `path_open`
 * - `EFAULT`: the path or the result is not inside memory
 */
export function pathFilestatGet(write: StatWriter, sizeBytes: number) {
  return (
    guest: Guest,
    fd: number,
    flags: number,
    pathPtr: number,
    pathSize: number,
    resultPtr: number,
  ): Errno => {
    guest.memory.check(resultPtr, sizeBytes);
    const node = findNode(guest, fd, flags, pathPtr, pathSize);
    if (typeof node === "number") return node;
    write(guest, resultPtr, statNode(node));
    return ERRNO.OK;
  };
}

/** The node that a call's descriptor, flags and path name. */
export function findNode(
  guest: Guest,
  fd: number,
  flags: number,
  pathPtr: number,
  pathSize: number,
): Node | Errno {
  const path = readPath(guest, pathPtr, pathSize);
  if (typeof path === "number") return path;
  const origin = originOf(guest, fd);
  if (typeof origin === "number") return origin;
  const node = guest.tree.find(origin, path, (flags & LOOKUP_FOLLOW) !== 0);
  if (typeof node === "number") noteDenied(guest, fd, path, { wanted: "read", errno: node });
  return node;
}

/**
 * Cuts or extends an open file.
 *
 * - `EBADF`: `fd` is not open
 * - `EISDIR`: it is a directory
 * - `EINVAL`: it was opened for reading only, or the size is negative
 * - `ENOSYS`: it is a channel that does not allow it
 * - `EFBIG`: past the largest size
 */
export function fdFilestatSetSize(guest: Guest, fd: number, size: bigint): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  const signed = BigInt.asIntN(64, size);
  if (signed < 0n) return ERRNO.EINVAL;
  const exact = exactNumber(signed);
  return exact === undefined ? ERRNO.EFBIG : file.truncate(exact);
}

const SET_ACCESSED = 1;
const SET_ACCESSED_NOW = 2;
const SET_MODIFIED = 4;
const SET_MODIFIED_NOW = 8;

/**
 * Sets the times of an open file to the given ones or to now.
 *
 * - `EBADF`: `fd` is not open
 * - `EINVAL`: unknown flags, or a time is to be given and now at once
 * - `EROFS`, `EPERM`: it is in a read-only image, or in `/dev`
 */
export function fdFilestatSetTimes(
  guest: Guest,
  fd: number,
  accessedNs: bigint,
  modifiedNs: bigint,
  flags: number,
): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  return setTimes(guest, file.node, accessedNs, modifiedNs, flags);
}

/** As `fdFilestatSetTimes`, by path. */
export function pathFilestatSetTimes(
  guest: Guest,
  fd: number,
  lookupFlags: number,
  pathPtr: number,
  pathSize: number,
  accessedNs: bigint,
  modifiedNs: bigint,
  flags: number,
): Errno {
  const node = findNode(guest, fd, lookupFlags, pathPtr, pathSize);
  if (typeof node === "number") return node;
  return setTimes(guest, node, accessedNs, modifiedNs, flags);
}

function setTimes(
  guest: Guest,
  node: Node,
  accessedNs: bigint,
  modifiedNs: bigint,
  flags: number,
): Errno {
  const both = (pair: number): boolean => (flags & pair) === pair;
  if (flags > 15 || both(SET_ACCESSED | SET_ACCESSED_NOW)) return ERRNO.EINVAL;
  if (both(SET_MODIFIED | SET_MODIFIED_NOW)) return ERRNO.EINVAL;
  const now = guest.tree.now();
  const chosen = (given: number, isNow: number, timeNs: bigint): bigint | undefined => {
    if ((flags & isNow) !== 0) return now;
    return (flags & given) !== 0 ? BigInt.asUintN(64, timeNs) : undefined;
  };
  return changeTimes(guest.tree, node, {
    accessedNs: chosen(SET_ACCESSED, SET_ACCESSED_NOW, accessedNs),
    modifiedNs: chosen(SET_MODIFIED, SET_MODIFIED_NOW, modifiedNs),
  });
}
