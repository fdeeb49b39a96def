/** Structures of Native Client, as its programs have them: `long` and pointers have 4 bytes. */
import { bytesOf } from "../../base/index.ts";
import type { Listed, Stat } from "../fs/index.ts";

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MICROSECOND = 1000n;

export const STAT_BYTES = 104;
export const TIME_BYTES = 16;

/**
 * `struct stat`, 104 bytes:
 *
 *   0 dev i64 | 8 ino u64 | 16 mode u32 | 20 nlink u32 | 24 uid u32 | 28 gid u32 | 32 rdev i64
 *   40 size i64 | 48 blksize i32 | 52 blocks i32 | 56 atime i64 | 64 its nanoseconds i64
 *   72 mtime, 88 ctime in the same way
 */
export function encodeStat(stat: Stat): Uint8Array {
  const view = new DataView(new ArrayBuffer(STAT_BYTES));
  view.setBigInt64(0, BigInt(stat.device), true);
  view.setBigUint64(8, BigInt(stat.ino), true);
  view.setUint32(16, stat.mode, true);
  view.setUint32(20, stat.nlink, true);
  view.setUint32(24, stat.uid, true);
  view.setUint32(28, stat.gid, true);
  view.setBigInt64(40, BigInt(stat.sizeBytes), true);
  view.setInt32(48, stat.blockBytes, true);
  view.setInt32(52, stat.blocks, true);
  [stat.accessedNs, stat.modifiedNs, stat.changedNs].forEach((timeNs, index) => {
    view.setBigInt64(56 + 16 * index, timeNs / NS_PER_SECOND, true);
    view.setBigInt64(64 + 16 * index, timeNs % NS_PER_SECOND, true);
  });
  return new Uint8Array(view.buffer);
}

/** `struct timespec`: 0 seconds i64 | 8 nanoseconds i32 | 12 zero. */
export function encodeTimespec(timeNs: bigint): Uint8Array {
  return encodeTime(timeNs / NS_PER_SECOND, timeNs % NS_PER_SECOND);
}

/** `struct timeval`: 0 seconds i64 | 8 microseconds i32 | 12 zero. */
export function encodeTimeval(timeNs: bigint): Uint8Array {
  return encodeTime(timeNs / NS_PER_SECOND, (timeNs % NS_PER_SECOND) / NS_PER_MICROSECOND);
}

function encodeTime(seconds: bigint, parts: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(TIME_BYTES));
  view.setBigInt64(0, seconds, true);
  view.setInt32(8, Number(parts), true);
  return new Uint8Array(view.buffer);
}

const DIRENT_HEAD_BYTES = 18;
const DIRENT_ALIGN_BYTES = 8;

/**
 * `struct dirent`: 0 ino u64 | 8 where the next entry begins i64 | 16 size u16 | 18 name and NUL,
 * filled up with zeros to a multiple of 8.
 */
export function encodeDirent({ name, node, cookie }: Listed): Uint8Array {
  const size = DIRENT_HEAD_BYTES + name.length + 1;
  const dirent = new Uint8Array(Math.ceil(size / DIRENT_ALIGN_BYTES) * DIRENT_ALIGN_BYTES);
  const view = new DataView(dirent.buffer);
  view.setBigUint64(0, BigInt(node.ino), true);
  view.setBigInt64(8, BigInt(cookie), true);
  view.setUint16(16, dirent.length, true);
  dirent.set(bytesOf(name), DIRENT_HEAD_BYTES);
  return dirent;
}
