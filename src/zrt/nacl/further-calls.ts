/** What Native Client had no calls for: only the extension trap of ZeroVM's programs makes them. */
import { type ByteString, bytesOf, ERRNO } from "../../base/index.ts";
import { changeMode } from "../fs/index.ts";
import { exactNumber } from "../wasi/index.ts";
import { type NaclAnswer, type NaclWorld, negative, withFile } from "./nacl-world.ts";

const UMASK_BITS = 0o777;
/** Flags of an open file, as `open` has them, and the bit that the file has for the last. */
const FLAG = { READ_WRITE: 2, WRITE: 1, APPEND: 0o2000, NONBLOCK: 0o4000 } as const;
const FDFLAG_NONBLOCK = 4;

/**
 * Writes the arguments one after the other, each with a NUL, where there is room for all of them;
 * the result is the bytes that they take.
 */
export const programArguments: NaclAnswer = (world, bufferPtr, size) => {
  return writeTexts(world, world.guest.words.args, bufferPtr, size);
};

/** The same with `NAME=VALUE` texts, the environment. */
export const environment: NaclAnswer = (world, bufferPtr, size) => {
  const texts = world.guest.words.env.map(([name, value]) => `${name}=${value}`);
  return writeTexts(world, texts, bufferPtr, size);
};

function writeTexts(
  { memory }: NaclWorld,
  texts: readonly ByteString[],
  bufferPtr: number,
  size: number,
): number {
  const bytes = bytesOf(texts.map((text) => `${text}\0`).join(""));
  if (bytes.length <= size) memory.write(bufferPtr, bytes);
  return bytes.length;
}

/** Cuts or extends an open file to the i64 that `sizePtr` points to. */
export const ftruncate: NaclAnswer = (world, fd, sizePtr) => {
  return withFile(world, fd, (file) => {
    const size = world.memory.readI64(sizePtr);
    if (size < 0n) return -ERRNO.EINVAL;
    const exact = exactNumber(size);
    return exact === undefined ? -ERRNO.EFBIG : negative(file.truncate(exact));
  });
};

/** Sets which bits new files do not get; the result is what was set before. */
export const umask: NaclAnswer = ({ guest }, mask) => {
  const before = guest.tree.umask;
  guest.tree.umask = mask & UMASK_BITS;
  return before;
};

export const fchmod: NaclAnswer = (world, fd, mode) => {
  return withFile(world, fd, (file) => negative(changeMode(world.guest.tree, file.node, mode)));
};

/** Changes the working directory to an open one. */
export const fchdir: NaclAnswer = (world, fd) => {
  return withFile(world, fd, ({ node }) => {
    if (node.kind !== "directory") return -ERRNO.ENOTDIR;
    world.guest.cwd = node;
    return 0;
  });
};

/** How a file was opened: its access mode, and whether it appends and need not wait. */
export const getFlags: NaclAnswer = (world, fd) => {
  return withFile(world, fd, ({ readable, writable, append, otherFlags }) => {
    const access = writable ? (readable ? FLAG.READ_WRITE : FLAG.WRITE) : 0;
    const nonblock = (otherFlags & FDFLAG_NONBLOCK) !== 0 ? FLAG.NONBLOCK : 0;
    return access | (append ? FLAG.APPEND : 0) | nonblock;
  });
};

/** Sets whether a file appends and need not wait; other flags stay as they are. */
export const setFlags: NaclAnswer = (world, fd, flags) => {
  return withFile(world, fd, (file) => {
    file.append = (flags & FLAG.APPEND) !== 0;
    const nonblock = (flags & FLAG.NONBLOCK) !== 0 ? FDFLAG_NONBLOCK : 0;
    file.otherFlags = (file.otherFlags & ~FDFLAG_NONBLOCK) | nonblock;
    return 0;
  });
};
