/** fd_readdir. */
import { bytesOf, ERRNO, type Errno } from "../../base/index.ts";
import { type Listed, listFrom } from "../fs/index.ts";
import { filetypeOf } from "./filestat.ts";
import { exactNumber, type Guest } from "./guest.ts";

const DIRENT_BYTES = 24;
/**
 * Writes directory entries from `cookie` on until the buffer is full; the last may be cut.
 *
 *   0 cookie of the next entry u64 | 8 ino u64 | 16 name length u32 | 20 filetype u8, 3 zero
 *   24 name, without a NUL
 *
 * A result smaller than the buffer means the end. Entries that are made or removed while a guest
 * lists neither repeat nor hide the others.
 *
 * - `EBADF`: `fd` is not open
 * - `ENOTDIR`: it is no directory
 * - `EINVAL`: the cookie is past all that can be given out
 * - `EFAULT`: the buffer or the result is not inside memory
 */
export function fdReaddir(
  guest: Guest,
  fd: number,
  bufferPtr: number,
  bufferSize: number,
  cookie: bigint,
  resultPtr: number,
): Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  if (file.node.kind !== "directory") return ERRNO.ENOTDIR;
  guest.memory.check(bufferPtr, bufferSize);
  guest.memory.check(resultPtr, 4);
  const from = exactNumber(BigInt.asUintN(64, cookie));
  if (from === undefined) return ERRNO.EINVAL;
  let used = 0;
  for (const listed of listFrom(file.node, from)) {
    const dirent = encode(listed);
    const count = Math.min(dirent.length, bufferSize - used);
    guest.memory.write(bufferPtr + used, dirent.subarray(0, count));
    used += count;
    if (used === bufferSize) break;
  }
  guest.memory.writeU32(resultPtr, used);
  return ERRNO.OK;
}

function encode({ name, node, cookie }: Listed): Uint8Array {
  const dirent = new Uint8Array(DIRENT_BYTES + name.length);
  const view = new DataView(dirent.buffer);
  view.setBigUint64(0, BigInt(cookie), true);
  view.setBigUint64(8, BigInt(node.ino), true);
  view.setUint32(16, name.length, true);
  view.setUint8(20, filetypeOf(node));
  dirent.set(bytesOf(name), DIRENT_BYTES);
  return dirent;
}
