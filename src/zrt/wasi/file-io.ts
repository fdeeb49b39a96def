/** fd_read, fd_write, fd_pread, fd_pwrite, fd_seek, fd_tell: one call is one get or put. */
import { ERRNO, type Errno } from "../../base/index.ts";
import type { Node, OpenFile, Whence } from "../fs/index.ts";
import { exactNumber, type Guest } from "./guest.ts";

const PREVIEW1_WHENCE: readonly Whence[] = ["set", "current", "end"];
/** `wasi_unstable` counts them in another order. */
const PREVIEW0_WHENCE: readonly Whence[] = ["current", "end", "set"];

/**
 * Reads into the iovecs at the position of the description. A read gives what was asked for or
 * the end, never less.
 *
 *   ? 05 00 00 00 ?
 *     ^-- resultPtr, u32: bytes read
 *
 * - `EBADF`: `fd` is not open
 * - `EISDIR`: it is a directory
 * - `EINVAL`: it was opened for writing only, or the sizes pass 2 GiB
 * - `EDQUOT`: a limit of the channel is used up
 * - `EFAULT`: an iovec or the result is not inside memory
 */
export function fdRead(
  guest: Guest,
  fd: number,
  iovsPtr: number,
  iovsCount: number,
  resultPtr: number,
): Errno {
  const file = prepare(guest, fd, iovsPtr, iovsCount, resultPtr);
  if (typeof file === "number") return file;
  return endRead(guest, file, file.read(guest.memory.bytes, guest.spans), resultPtr);
}

/** As `fdRead`, at `offset`, leaving the position; a sequential channel ignores the offset. */
export function fdPread(
  guest: Guest,
  fd: number,
  iovsPtr: number,
  iovsCount: number,
  offset: bigint,
  resultPtr: number,
): Errno {
  const file = prepare(guest, fd, iovsPtr, iovsCount, resultPtr);
  if (typeof file === "number") return file;
  const exact = exactOffset(offset);
  if (exact === undefined) return ERRNO.EINVAL;
  return endRead(guest, file, file.readAt(guest.memory.bytes, guest.spans, exact), resultPtr);
}

/**
 * Writes the iovecs at the position of the description, or at the end with the append flag.
 *
 *   ? 05 00 00 00 ?
 *     ^-- resultPtr, u32: bytes written
 *
 * - `EBADF`: `fd` is not open
 * - `EISDIR`: it is a directory
 * - `EINVAL`: it was opened for reading only, the sizes pass 2 GiB, or the put limit of a
 *   sequential channel is used up
 * - `EDQUOT`: a limit of the channel is used up
 * - `ENOSPC`: the files of the guest hold all that they may
 * - `EFBIG`: past the largest offset
 * - `EFAULT`: an iovec or the result is not inside memory
 */
export function fdWrite(
  guest: Guest,
  fd: number,
  iovsPtr: number,
  iovsCount: number,
  resultPtr: number,
): Errno {
  const file = prepare(guest, fd, iovsPtr, iovsCount, resultPtr);
  if (typeof file === "number") return file;
  return endWrite(guest, file.write(guest.memory.bytes, guest.spans), resultPtr);
}

/**
 * As `fdWrite`, at `offset` even with the append flag, leaving the position; a sequential channel
 * ignores the offset.
 */
export function fdPwrite(
  guest: Guest,
  fd: number,
  iovsPtr: number,
  iovsCount: number,
  offset: bigint,
  resultPtr: number,
): Errno {
  const file = prepare(guest, fd, iovsPtr, iovsCount, resultPtr);
  if (typeof file === "number") return file;
  const exact = exactOffset(offset);
  if (exact === undefined) return ERRNO.EINVAL;
  return endWrite(guest, file.writeAt(guest.memory.bytes, guest.spans, exact), resultPtr);
}

/** What every transfer begins with: the open file, its iovecs in `guest.spans`. */
function prepare(
  guest: Guest,
  fd: number,
  iovsPtr: number,
  iovsCount: number,
  resultPtr: number,
): OpenFile | Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  guest.memory.check(resultPtr, 4);
  return guest.memory.readSpans(iovsPtr, iovsCount, guest.spans) ? file : ERRNO.EINVAL;
}

function exactOffset(offset: bigint): number | undefined {
  const exact = exactNumber(BigInt.asIntN(64, offset));
  return exact === undefined || exact < 0 ? undefined : exact;
}

function endRead(guest: Guest, file: OpenFile, count: number, resultPtr: number): Errno {
  if (count < 0) return -count as Errno;
  tracePieces(guest, count, hasDigest(file.node) ? "in" : "wrote");
  guest.memory.writeU32(resultPtr, count);
  return ERRNO.OK;
}

function endWrite(guest: Guest, count: number, resultPtr: number): Errno {
  if (count < 0) return -count as Errno;
  tracePieces(guest, count, "out");
  guest.memory.writeU32(resultPtr, count);
  return ERRNO.OK;
}

/** Bytes from a channel enter the trace through the channel's digest; all others as they are. */
function hasDigest(node: Node): boolean {
  return node.kind === "device" && node.device.isChannel;
}

/** Traces the pieces of the last transfer that hold its first `totalBytes` bytes. */
function tracePieces(guest: Guest, totalBytes: number, how: "in" | "out" | "wrote"): void {
  const { trace, spans } = guest;
  let left = totalBytes;
  for (let index = 0; index < spans.count && left > 0; index++) {
    const start = spans.pairs[2 * index] ?? 0;
    const size = Math.min(left, spans.pairs[2 * index + 1] ?? 0);
    left -= size;
    if (size === 0) continue;
    if (how === "in") trace.dataIn(start, size);
    else if (how === "out") trace.dataOut(start, size);
    else trace.wrote(guest.memory.bytes, start, size);
  }
}

/**
 * Moves the position and writes the new one.
 *
 *   ? 06 00 00 00 00 00 00 00 ?
 *     ^-- resultPtr, u64
 *
 * - `EBADF`: `fd` is not open, or is a directory
 * - `EINVAL`: `whence` is not 0 to 2, or the position would be negative
 * - `ESPIPE`: it is a stream; but a move by 0 from the current position tells the bytes so far
 * - `EFAULT`: the result is not inside memory
 */
export function fdSeek(
  guest: Guest,
  fd: number,
  offset: bigint,
  whence: number,
  resultPtr: number,
): Errno {
  return seek(guest, fd, offset, PREVIEW1_WHENCE[whence], resultPtr);
}

/** `fd_seek` of `wasi_unstable`: whence is 0 current, 1 end, 2 set. */
export function fdSeekPreview0(
  guest: Guest,
  fd: number,
  offset: bigint,
  whence: number,
  resultPtr: number,
): Errno {
  return seek(guest, fd, offset, PREVIEW0_WHENCE[whence], resultPtr);
}

/** Writes the position; errors are those of `fdSeek`. */
export function fdTell(guest: Guest, fd: number, resultPtr: number): Errno {
  return seek(guest, fd, 0n, "current", resultPtr);
}

function seek(
  guest: Guest,
  fd: number,
  offset: bigint,
  whence: Whence | undefined,
  resultPtr: number,
): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  guest.memory.check(resultPtr, 8);
  const exact = exactNumber(BigInt.asIntN(64, offset));
  if (whence === undefined || exact === undefined) return ERRNO.EINVAL;
  const position = file.seek(exact, whence);
  if (position < 0) return -position as Errno;
  guest.memory.writeU64(resultPtr, BigInt(position));
  return ERRNO.OK;
}
