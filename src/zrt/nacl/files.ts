/** The calls on descriptors. Errors are those of the same calls of a WebAssembly program. */
import { ERRNO } from "../../base/index.ts";
import { listFrom, MODE_TYPE, type OpenFile, statNode, type Whence } from "../fs/index.ts";
import { exactNumber, RIGHT } from "../wasi/index.ts";
import { encodeDirent, encodeStat, STAT_BYTES } from "./layouts.ts";
import { type NaclAnswer, type NaclWorld, negative, withFile } from "./nacl-world.ts";
import { SYNC_START } from "./sync-table.ts";

const WHENCES: readonly Whence[] = ["set", "current", "end"];
const TYPE_BITS = 0o170000;

/** A number where the file lies; `EINVAL` for one that no file has. */
type Positioned = (file: OpenFile, offset: number) => number;

/** Reads at the position; the result is the count of bytes. */
export const read: NaclAnswer = (world, fd, bufferPtr, size) => {
  return withFile(world, fd, (file) => {
    const spans = world.memory.span(bufferPtr, size, "write");
    return endRead(world, file, bufferPtr, file.read(world.memory.bytes, spans));
  });
};

/** Reads at the offset that `offsetPtr` points to, an i64; the position stays. */
export const pread: NaclAnswer = (world, fd, bufferPtr, size, offsetPtr) => {
  return at(world, fd, offsetPtr, (file, offset) => {
    const spans = world.memory.span(bufferPtr, size, "write");
    return endRead(world, file, bufferPtr, file.readAt(world.memory.bytes, spans, offset));
  });
};

/** Writes at the position; the result is the count of bytes. */
export const write: NaclAnswer = (world, fd, bufferPtr, size) => {
  return withFile(world, fd, (file) => {
    const spans = world.memory.span(bufferPtr, size, "read");
    return endWrite(world, bufferPtr, file.write(world.memory.bytes, spans));
  });
};

/** Writes at the offset that `offsetPtr` points to, an i64; the position stays. */
export const pwrite: NaclAnswer = (world, fd, bufferPtr, size, offsetPtr) => {
  return at(world, fd, offsetPtr, (file, offset) => {
    const spans = world.memory.span(bufferPtr, size, "read");
    return endWrite(world, bufferPtr, file.writeAt(world.memory.bytes, spans, offset));
  });
};

function at(world: NaclWorld, fd: number, offsetPtr: number, transfer: Positioned): number {
  return withFile(world, fd, (file) => {
    const offset = exactNumber(world.memory.readI64(offsetPtr));
    if (offset === undefined || offset < 0) return -ERRNO.EINVAL;
    return transfer(file, offset);
  });
}

/** Bytes of a channel enter the trace through its digest, all others as they are. */
function endRead({ guest, memory }: NaclWorld, file: OpenFile, start: number, count: number) {
  if (count <= 0) return count;
  if (file.node.kind === "device" && file.node.device.isChannel) guest.trace.dataIn(start, count);
  else memory.wrote(start, count);
  return count;
}

function endWrite({ guest }: NaclWorld, start: number, count: number): number {
  if (count > 0) guest.trace.dataOut(start, count);
  return count;
}

/**
 * Moves the position by the i64 that `offsetPtr` points to, and writes the new one there. A
 * directory goes back to where one of its entries said that the next begins.
 */
export const lseek: NaclAnswer = (world, fd, offsetPtr, whence) => {
  return withFile(world, fd, (file) => {
    const { memory } = world;
    const offset = exactNumber(memory.readI64(offsetPtr));
    memory.check(offsetPtr, 8, "write");
    const how = WHENCES[whence];
    if (how === undefined || offset === undefined) return -ERRNO.EINVAL;
    const position = seek(file, offset, how);
    if (position < 0) return position;
    memory.writeI64(offsetPtr, BigInt(position));
    return 0;
  });
};

function seek(file: OpenFile, offset: number, whence: Whence): number {
  if (file.node.kind !== "directory") return file.seek(offset, whence);
  if (whence !== "set" || offset < 0) return -ERRNO.EINVAL;
  file.position = offset;
  return offset;
}

/** Closes a file, a mutex or another object. */
export const close: NaclAnswer = ({ guest, sync }, fd) => {
  if (fd < SYNC_START) return negative(guest.descriptors.close(fd));
  return sync.close(fd) ? 0 : -ERRNO.EBADF;
};

export const dup: NaclAnswer = (world, fd) => {
  return withFile(world, fd, (file) => world.guest.descriptors.add(file));
};

export const dup2: NaclAnswer = ({ guest }, from, to) => {
  const errno = guest.descriptors.duplicateTo(from, to);
  return errno === ERRNO.OK ? to : -errno;
};

/** Writes a `struct stat`. */
export const fstat: NaclAnswer = (world, fd, resultPtr) => {
  return withFile(world, fd, (file) => {
    world.memory.check(resultPtr, STAT_BYTES, "write");
    world.memory.write(resultPtr, encodeStat(statNode(file.node)));
    return 0;
  });
};

/** 1 for a terminal; `ENOTTY` for all else. */
export const isatty: NaclAnswer = (world, fd) => {
  return withFile(world, fd, (file) => {
    const isCharacter = (statNode(file.node).mode & TYPE_BITS) === MODE_TYPE.character;
    const seeks = (world.guest.rights.get(file).base & RIGHT.FD_SEEK) !== 0n;
    return isCharacter && !seeks ? 1 : -ERRNO.ENOTTY;
  });
};

/**
 * Writes as many whole entries as fit, as `struct dirent`; the result is their size, 0 at the end.
 *
 * - `ENOTDIR`: it is no directory
 * - `EINVAL`: there is no room for the next entry
 */
export const getdents: NaclAnswer = (world, fd, bufferPtr, size) => {
  return withFile(world, fd, (file) => {
    if (file.node.kind !== "directory") return -ERRNO.ENOTDIR;
    world.memory.check(bufferPtr, size, "write");
    let used = 0;
    for (const listed of listFrom(file.node, file.position)) {
      const dirent = encodeDirent(listed);
      if (used + dirent.length > size) return used === 0 ? -ERRNO.EINVAL : used;
      world.memory.write(bufferPtr + used, dirent);
      used += dirent.length;
      file.position = listed.cookie;
    }
    return used;
  });
};
