/**
 * The import module `zrt`: what preview1 cannot say. The C header is `docs/zrt.h`, the
 * documentation `docs/reference/zrt-extension.md`.
 */
import { bytesOf, ERRNO, type Errno } from "../../base/index.ts";
import { changeMode, directoryPath, type Node, type Stat, statNode } from "../fs/index.ts";
import { findNode } from "./filestat.ts";
import { type Guest, originOf, readPath } from "./guest.ts";

/** Duplicates `fd` to the lowest free number from `lowest` on (F_DUPFD): u32 at `resultPtr`. */
export function fdDup(guest: Guest, fd: number, lowest: number, resultPtr: number): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  guest.memory.check(resultPtr, 4);
  if (lowest >= guest.tree.budget.openFilesMax) return ERRNO.EINVAL;
  const made = guest.descriptors.add(file, lowest);
  if (made < 0) return -made as Errno;
  guest.memory.writeU32(resultPtr, made);
  return ERRNO.OK;
}

/** Makes `to` a duplicate of `from`, closing what it was; the same number twice changes nothing. */
export function fdDup2(guest: Guest, from: number, to: number): Errno {
  return guest.descriptors.duplicateTo(from, to);
}

/** Sets the mode, before the umask, of the next file or directory that is made. */
export function setCreateMode(guest: Guest, mode: number): Errno {
  guest.tree.setNextMode(mode);
  return ERRNO.OK;
}

/** Sets the umask; the old one goes to `resultPtr`, u32. */
export function umask(guest: Guest, mask: number, resultPtr: number): Errno {
  guest.memory.writeU32(resultPtr, guest.tree.umask);
  guest.tree.umask = mask & 0o777;
  return ERRNO.OK;
}

export function pathChmod(
  guest: Guest,
  fd: number,
  flags: number,
  pathPtr: number,
  pathSize: number,
  mode: number,
): Errno {
  const node = findNode(guest, fd, flags, pathPtr, pathSize);
  return typeof node === "number" ? node : changeMode(guest.tree, node, mode);
}

export function fdChmod(guest: Guest, fd: number, mode: number): Errno {
  const file = guest.descriptors.get(fd);
  return file === undefined ? ERRNO.EBADF : changeMode(guest.tree, file.node, mode);
}

/** Accepted and without effect, as in the original: everything has one owner. */
export function pathChown(
  guest: Guest,
  fd: number,
  flags: number,
  pathPtr: number,
  pathSize: number,
): Errno {
  const node = findNode(guest, fd, flags, pathPtr, pathSize);
  return typeof node === "number" ? node : ERRNO.OK;
}

export function fdChown(guest: Guest, fd: number): Errno {
  return guest.descriptors.get(fd) === undefined ? ERRNO.EBADF : ERRNO.OK;
}

/**
 * Writes the full status, 96 bytes:
 *
 *   0 dev u64 | 8 ino u64 | 16 mode u32 | 20 nlink u32 | 24 uid u32 | 28 gid u32 | 32 rdev u64
 *   40 size u64 | 48 blksize u64 | 56 blocks u64 | 64 atim u64 | 72 mtim u64 | 80 ctim u64
 *   88 zero u64
 */
export function pathStatEx(
  guest: Guest,
  fd: number,
  flags: number,
  pathPtr: number,
  pathSize: number,
  resultPtr: number,
): Errno {
  guest.memory.check(resultPtr, STAT_EX_BYTES);
  const node = findNode(guest, fd, flags, pathPtr, pathSize);
  if (typeof node === "number") return node;
  guest.memory.write(resultPtr, encodeStat(statNode(node)));
  return ERRNO.OK;
}

export function fdStatEx(guest: Guest, fd: number, resultPtr: number): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  guest.memory.write(resultPtr, encodeStat(statNode(file.node)));
  return ERRNO.OK;
}

const STAT_EX_BYTES = 96;

function encodeStat(stat: Stat): Uint8Array {
  const bytes = new Uint8Array(STAT_EX_BYTES);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: number | bigint): void => {
    view.setBigUint64(at, BigInt(value), true);
  };
  u64(0, stat.device);
  u64(8, stat.ino);
  view.setUint32(16, stat.mode, true);
  view.setUint32(20, stat.nlink, true);
  view.setUint32(24, stat.uid, true);
  view.setUint32(28, stat.gid, true);
  u64(40, stat.sizeBytes);
  u64(48, stat.blockBytes);
  u64(56, stat.blocks);
  u64(64, stat.accessedNs);
  u64(72, stat.modifiedNs);
  u64(80, stat.changedNs);
  return bytes;
}

const F_GETFL = 3;
const F_SETFL = 4;
const ACCESS_MODE = 3;
const O_APPEND = 0o2000;
const O_NONBLOCK = 0o4000;
const FDFLAG_NONBLOCK = 4;

/**
 * F_GETFL (3) and F_SETFL (4) with Linux flags, access mode included: as in the original,
 * F_SETFL may turn a descriptor from writing to reading, within what its channel allows.
 * Advisory locks are granted by the guest library itself: there is nobody to exclude.
 */
export function fdFcntl(
  guest: Guest,
  fd: number,
  command: number,
  flags: number,
  resultPtr: number,
): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  guest.memory.check(resultPtr, 4);
  if (command === F_GETFL) {
    const access = file.readable ? (file.writable ? 2 : 0) : file.writable ? 1 : 0;
    const nonblock = (file.otherFlags & FDFLAG_NONBLOCK) !== 0 ? O_NONBLOCK : 0;
    guest.memory.writeU32(resultPtr, access | (file.append ? O_APPEND : 0) | nonblock);
    return ERRNO.OK;
  }
  if (command !== F_SETFL) return ERRNO.EINVAL;
  const access = flags & ACCESS_MODE;
  if (access === ACCESS_MODE) return ERRNO.EINVAL;
  const refused = mayAccess(file.node, access !== 1, access !== 0);
  if (refused !== ERRNO.OK) return refused;
  file.readable = access !== 1;
  file.writable = access !== 0;
  file.append = (flags & O_APPEND) !== 0;
  const nonblock = (flags & O_NONBLOCK) !== 0 ? FDFLAG_NONBLOCK : 0;
  file.otherFlags = (file.otherFlags & ~FDFLAG_NONBLOCK) | nonblock;
  guest.memory.writeU32(resultPtr, 0);
  return ERRNO.OK;
}

function mayAccess(node: Node, read: boolean, write: boolean): Errno {
  if (node.kind === "directory") return write ? ERRNO.EISDIR : ERRNO.OK;
  if (node.kind === "device") {
    return node.device.open({ read, write, append: true, truncate: false });
  }
  return write && node.volume.readonly ? ERRNO.EROFS : ERRNO.OK;
}

/** Writes the working directory as a path without NUL and its length, u32 at `resultPtr`. */
export function getcwd(guest: Guest, bufferPtr: number, size: number, resultPtr: number): Errno {
  guest.memory.check(bufferPtr, size);
  guest.memory.check(resultPtr, 4);
  const found = directoryPath(guest.tree, guest.cwd, size);
  if (typeof found === "number") return found;
  const path = bytesOf(found);
  guest.memory.write(bufferPtr, path);
  guest.memory.writeU32(resultPtr, path.length);
  return ERRNO.OK;
}

/** Changes the working directory; a relative path starts in the present one. */
export function chdir(guest: Guest, pathPtr: number, pathSize: number): Errno {
  const path = readPath(guest, pathPtr, pathSize);
  if (typeof path === "number") return path;
  const node = guest.tree.find({ start: guest.cwd, ceiling: guest.tree.root }, path, true);
  if (typeof node === "number") return node;
  if (node.kind !== "directory") return ERRNO.ENOTDIR;
  guest.cwd = node;
  return ERRNO.OK;
}

export function fchdir(guest: Guest, fd: number): Errno {
  const origin = originOf(guest, fd);
  if (typeof origin === "number") return origin;
  guest.cwd = origin.start;
  return ERRNO.OK;
}

/**
 * The point at which a session takes over a guest that was prepared: returns when it does. At any
 * other time, and where nobody prepares, nothing happens.
 */
export function zfork(guest: Guest): Errno {
  guest.forkPoint.reach();
  return ERRNO.OK;
}

/** Writes uid, gid and pid, three u32. */
export function getids(guest: Guest, resultPtr: number): Errno {
  guest.memory.check(resultPtr, 12);
  guest.memory.writeU32(resultPtr, guest.uid);
  guest.memory.writeU32(resultPtr + 4, guest.gid);
  guest.memory.writeU32(resultPtr + 8, 1);
  return ERRNO.OK;
}

/** What `sysinfo` tells, by number: see the header. */
const SYSINFO: readonly ((guest: Guest) => number)[] = [
  (guest) => guest.memory.bytes.length,
  (guest) => guest.tree.budget.memoryMaxBytes,
  (guest) => guest.tree.budget.bytes,
  (guest) => guest.tree.budget.openFilesMax,
  (guest) => guest.channels.length,
];

/** Writes a u64: 0 memory now, 1 memory at most, 2 bytes in files, 3 descriptors, 4 channels. */
export function sysinfo(guest: Guest, what: number, resultPtr: number): Errno {
  const ask = SYSINFO[what];
  if (ask === undefined) return ERRNO.EINVAL;
  guest.memory.writeU64(resultPtr, BigInt(ask(guest)));
  return ERRNO.OK;
}
