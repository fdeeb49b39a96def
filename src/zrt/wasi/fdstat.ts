/** fd_fdstat_*, fd_prestat_*, fd_advise, fd_allocate, fd_sync, fd_close, fd_renumber. */
import { bytesOf, ERRNO, type Errno } from "../../base/index.ts";
import { FILETYPE, filetypeOf } from "./filestat.ts";
import { exactNumber, type Guest } from "./guest.ts";

export const FDFLAG = { APPEND: 1, DSYNC: 2, NONBLOCK: 4, RSYNC: 8, SYNC: 16 } as const;
const FDFLAGS_ALL = 31;
const ADVICE_COUNT = 6;

/**
 * Writes type, flags and rights of a descriptor.
 *
 *   0 filetype u8, 0 | 2 flags u16, 4 zero | 8 rights u64 | 16 inheriting rights u64
 *
 * - `EBADF`: `fd` is not open
 * - `EFAULT`: the 24 bytes are not inside memory
 */
export function fdFdstatGet(guest: Guest, fd: number, resultPtr: number): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  const rights = guest.rights.get(file);
  view.setUint8(0, filetypeOf(file.node));
  view.setUint16(2, file.otherFlags | (file.append ? FDFLAG.APPEND : 0), true);
  view.setBigUint64(8, rights.base, true);
  view.setBigUint64(16, rights.inheriting, true);
  guest.memory.write(resultPtr, bytes);
  return ERRNO.OK;
}

/**
 * Sets append, non-blocking and sync flags; only append changes anything.
 *
 * - `EBADF`: `fd` is not open
 * - `EINVAL`: unknown flags
 */
export function fdFdstatSetFlags(guest: Guest, fd: number, flags: number): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  if ((flags & ~FDFLAGS_ALL) !== 0) return ERRNO.EINVAL;
  file.append = (flags & FDFLAG.APPEND) !== 0;
  file.otherFlags = flags & ~FDFLAG.APPEND;
  return ERRNO.OK;
}

/**
 * Rights are what a file was opened with and do not change: a guest that gave some up would trust
 * a wall that is not there, as every directory can be opened again through `/`.
 *
 * - `EBADF`: `fd` is not open
 * - `ENOTSUP`: whatever the rights
 */
export function fdFdstatSetRights(guest: Guest, fd: number): Errno {
  return guest.descriptors.get(fd) === undefined ? ERRNO.EBADF : ERRNO.ENOTSUP;
}

/**
 * Writes the length of the name of a preopened directory.
 *
 *   ? 00 00 00 00 01 00 00 00 ?
 *     ^-- resultPtr: tag u8 (0, a directory), length u32 at 4
 *
 * - `EBADF`: `fd` is not open or is not preopened; a libc stops looking there
 * - `EFAULT`: the 8 bytes are not inside memory
 */
export function fdPrestatGet(guest: Guest, fd: number, resultPtr: number): Errno {
  const name = preopenName(guest, fd);
  if (name === undefined) return ERRNO.EBADF;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(4, name.length, true);
  guest.memory.write(resultPtr, bytes);
  return ERRNO.OK;
}

/**
 * Writes the name of a preopened directory, without a NUL.
 *
 * - `EBADF`: as above
 * - `ENAMETOOLONG`: the name is longer than `size`
 * - `EFAULT`: the bytes are not inside memory
 */
export function fdPrestatDirName(guest: Guest, fd: number, pointer: number, size: number): Errno {
  const name = preopenName(guest, fd);
  if (name === undefined) return ERRNO.EBADF;
  if (size < name.length) return ERRNO.ENAMETOOLONG;
  guest.memory.write(pointer, bytesOf(name));
  return ERRNO.OK;
}

function preopenName(guest: Guest, fd: number): string | undefined {
  const file = guest.descriptors.get(fd);
  return file === undefined ? undefined : guest.preopens.get(file);
}

/**
 * Takes advice about coming reads, which changes nothing.
 *
 * - `EBADF`: `fd` is not open, or is a directory
 * - `EINVAL`: unknown advice, or a negative range
 * - `ESPIPE`: it is a pipe
 */
export function fdAdvise(
  guest: Guest,
  fd: number,
  offset: bigint,
  size: bigint,
  advice: number,
): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined || file.node.kind === "directory") return ERRNO.EBADF;
  if (advice >= ADVICE_COUNT) return ERRNO.EINVAL;
  if (BigInt.asIntN(64, offset) < 0n || BigInt.asIntN(64, size) < 0n) return ERRNO.EINVAL;
  return filetypeOf(file.node) === FILETYPE.SOCKET_STREAM ? ERRNO.ESPIPE : ERRNO.OK;
}

/**
 * Makes the file at least `offset + size` bytes long; the bytes are a hole until written.
 *
 * - `EBADF`: `fd` is not open, or is a directory
 * - `ENODEV`: it is a channel or a device
 * - `EINVAL`: `size` is zero, a number is negative, or it was opened for reading only
 * - `EFBIG`: past the largest size
 */
export function fdAllocate(guest: Guest, fd: number, offset: bigint, size: bigint): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined || file.node.kind === "directory") return ERRNO.EBADF;
  if (file.node.kind !== "file") return ERRNO.ENODEV;
  const from = BigInt.asIntN(64, offset);
  const length = BigInt.asIntN(64, size);
  if (from < 0n || length <= 0n) return ERRNO.EINVAL;
  const exact = exactNumber(from + length);
  return exact === undefined ? ERRNO.EFBIG : file.allocate(exact);
}

/** There is nothing to wait for: writes have happened. `EBADF`: `fd` is not open. */
export function fdSync(guest: Guest, fd: number): Errno {
  return guest.descriptors.get(fd) === undefined ? ERRNO.EBADF : ERRNO.OK;
}

/**
 * Closes a descriptor of the guest; the channel behind it stays and can be opened again.
 *
 * - `EBADF`: `fd` is not open
 */
export function fdClose(guest: Guest, fd: number): Errno {
  return guest.descriptors.close(fd);
}

/**
 * Moves descriptor `from` onto `to`, closing what that was.
 *
 * - `EBADF`: one of them is not open
 */
export function fdRenumber(guest: Guest, from: number, to: number): Errno {
  return guest.descriptors.renumber(from, to);
}
