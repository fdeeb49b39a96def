/**
 * What the nodes of a job need to talk to each other, in AssemblyScript: a connection is a file in
 * `/dev/in` or `/dev/out` with the name of the node at its other end. A read of it gives just as
 * many bytes as were asked for, or fewer at the end, and a write goes out whole.
 */
import {
  errno,
  errnoToString,
  fd_pread,
  fd_read,
  fd_readdir,
  fd_seek,
  fd_write,
  lookupflags,
  oflags,
  path_open,
  rights,
  whence,
} from "bindings/wasi_snapshot_preview1";

/** The descriptor of the root, below which all paths are. */
const ROOT: u32 = 3;
/** One piece of memory and its size, as calls of WASI want it, and behind it their result. */
const piece: usize = heap.alloc(8);
const result: usize = heap.alloc(8);
const LISTING_BYTES: usize = 65_536;
const DIRENT_BYTES: usize = 24;

/**
 * Says on standard error what went wrong, and faults: that ends all nodes of the job, and nothing
 * of it is stored. After an exit code the others would take a part for the whole.
 */
export function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  unreachable();
}

/** Opens `/dev/in/NAME`, `/dev/input` or any other file to read. */
export function openToRead(path: string): u32 {
  return open(path, rights.FD_READ | rights.FD_SEEK | rights.FD_FILESTAT_GET);
}

/** Opens `/dev/out/NAME`, `/dev/output` or any other file to write. */
export function openToWrite(path: string): u32 {
  return open(path, rights.FD_WRITE);
}

function open(path: string, wanted: u64): u32 {
  const name = String.UTF8.encode(path.substring(1));
  const at = changetype<usize>(name);
  const error = path_open(
    ROOT,
    lookupflags.SYMLINK_FOLLOW,
    at,
    name.byteLength,
    <oflags>0,
    wanted,
    0,
    0,
    result,
  );
  if (error !== errno.SUCCESS) fail(`${path}: ${errnoToString(error)}`);
  return load<u32>(result);
}

/** Reads bytes to a place in memory. @returns how many: fewer than asked for only at the end */
export function read(descriptor: u32, at: usize, size: usize): usize {
  store<usize>(piece, at);
  store<usize>(piece, size, 4);
  const error = fd_read(descriptor, piece, 1, result);
  if (error !== errno.SUCCESS) fail(`descriptor ${descriptor}: ${errnoToString(error)}`);
  return load<usize>(result);
}

/** Reads all of some bytes, or ends the node: `from` is who should have sent them. */
export function readWhole(descriptor: u32, at: usize, size: usize, from: string): void {
  if (size > 0 && read(descriptor, at, size) < size) fail(`${from} ended early`);
}

/** Writes all of some bytes. */
export function write(descriptor: u32, at: usize, size: usize): void {
  if (size === 0) return;
  store<usize>(piece, at);
  store<usize>(piece, size, 4);
  const error = fd_write(descriptor, piece, 1, result);
  if (error !== errno.SUCCESS) fail(`descriptor ${descriptor}: ${errnoToString(error)}`);
  if (load<usize>(result) !== size) fail(`descriptor ${descriptor}: not all was written`);
}

/**
 * Names of the nodes at the other ends that belong to a group, by their numbers.
 * @param way `in` or `out`
 */
export function peersOf(way: string, group: string): string[] {
  const names: string[] = [];
  const all = list(`/dev/${way}`);
  for (let index = 0; index < all.length; index++) {
    const name = all[index];
    if (name === group || name.startsWith(`${group}-`)) names.push(name);
  }
  names.sort((a, b) => numberOf(a) - numberOf(b));
  return names;
}

/** The number behind the last dash of the name of a node; 1 where its group has no other. */
export function numberOf(name: string): i32 {
  const dash = name.lastIndexOf("-");
  return dash < 0 ? 1 : I32.parseInt(name.substring(dash + 1));
}

function list(path: string): string[] {
  const names: string[] = [];
  const name = String.UTF8.encode(path.substring(1));
  const at = changetype<usize>(name);
  const folder = oflags.DIRECTORY;
  if (path_open(ROOT, <lookupflags>0, at, name.byteLength, folder, rights.FD_READDIR, 0, 0, result))
    return names;
  const descriptor = load<u32>(result);
  const listing = heap.alloc(LISTING_BYTES);
  let cookie: u64 = 0;
  while (true) {
    const error = fd_readdir(descriptor, listing, LISTING_BYTES, cookie, result);
    if (error !== errno.SUCCESS) fail(`${path}: ${errnoToString(error)}`);
    const end = listing + load<usize>(result);
    let entry = listing;
    while (entry + DIRENT_BYTES <= end) {
      const length = <usize>load<u32>(entry, 16);
      if (entry + DIRENT_BYTES + length > end) break;
      const text = String.UTF8.decodeUnsafe(entry + DIRENT_BYTES, length);
      if (text !== "." && text !== "..") names.push(text);
      cookie = load<u64>(entry);
      entry += DIRENT_BYTES + length;
    }
    if (end < listing + LISTING_BYTES) break;
  }
  return names;
}

/** Reads bytes at any place of a file that can be read so. @returns how many there are */
export function readAt(descriptor: u32, offset: u64, at: usize, size: usize): usize {
  store<usize>(piece, at);
  store<usize>(piece, size, 4);
  const error = fd_pread(descriptor, piece, 1, offset, result);
  if (error !== errno.SUCCESS) fail(`descriptor ${descriptor}: ${errnoToString(error)}`);
  return load<usize>(result);
}

/** Bytes of a file that can be read at any place. */
export function sizeOf(descriptor: u32): u64 {
  const error = fd_seek(descriptor, 0, whence.END, result);
  if (error !== errno.SUCCESS) fail(`descriptor ${descriptor}: ${errnoToString(error)}`);
  const size = load<u64>(result);
  fd_seek(descriptor, 0, whence.SET, result);
  return size;
}
