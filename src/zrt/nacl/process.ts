/** Memory, threads of one, and what else a process asks for. */
import { ERRNO } from "../../base/index.ts";
import { GuestExit } from "../wasi/index.ts";
import { HEAP_PAGE_BYTES } from "./heap-pages.ts";
import type { NaclAnswer } from "./nacl-world.ts";

const PROTECTION_ALL = 3;
const MAP = { SHARED: 1, PRIVATE: 2, FIXED: 0x10, ANONYMOUS: 0x20 } as const;
/** Everybody is process 1, as for WebAssembly programs. */
const PROCESS = 1;

/** What `sysconf` tells, by number: processors, bytes of a page, whether there are files. */
const SYSCONF: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, HEAP_PAGE_BYTES],
  [3, 1],
  [4, 0],
  [5, 0],
]);

/** Moves the end of the data; gives where it is then, which is where it was if it cannot move. */
export const brk: NaclAnswer = ({ pages }, address) => {
  return pages === undefined ? -ERRNO.ENOSYS : pages.moveBreak(address);
};

/**
 * Gives zeroed memory; the result is its address.
 *
 * - `EINVAL`: nothing, or more than there can be, or at a place where no mapping can be
 * - `EACCES`: it should be code
 * - `ENODEV`: it should be a file
 * - `ENOMEM`: there is no room for it
 */
export const mmap: NaclAnswer = ({ pages }, address, sizeBytes, protection, flags) => {
  if (pages === undefined) return -ERRNO.ENOSYS;
  const sharing = flags & (MAP.SHARED | MAP.PRIVATE);
  if (sharing === 0 || sharing === (MAP.SHARED | MAP.PRIVATE)) return -ERRNO.EINVAL;
  if (protection > PROTECTION_ALL) return -ERRNO.EACCES;
  if ((flags & MAP.ANONYMOUS) === 0) return -ERRNO.ENODEV;
  const isFixed = (flags & MAP.FIXED) !== 0;
  return pages.map({ address, sizeBytes, protection, isFixed });
};

/** Takes memory back. `EINVAL`: no mapping can be there. */
export const munmap: NaclAnswer = ({ pages }, address, sizeBytes) => {
  return pages === undefined ? -ERRNO.ENOSYS : pages.unmap(address, sizeBytes);
};

/** Says what calls may do with mapped memory. `EACCES`: it should be code, or is not mapped. */
export const mprotect: NaclAnswer = ({ pages }, address, sizeBytes, protection) => {
  if (pages === undefined) return -ERRNO.ENOSYS;
  if (protection > PROTECTION_ALL) return -ERRNO.EACCES;
  return pages.protect(address, sizeBytes, protection);
};

export const exit: NaclAnswer = (_world, code) => {
  throw new GuestExit(code | 0);
};

/** The only thread ends, and with it the program. Who waits for that sees a zero. */
export const threadExit: NaclAnswer = ({ memory }, flagPtr) => {
  if (flagPtr !== 0) memory.writeU32(flagPtr, 0);
  throw new GuestExit(0);
};

export const tlsInit: NaclAnswer = ({ thread }, address) => {
  thread.tls = address;
  return 0;
};

export const tlsGet: NaclAnswer = ({ thread }) => thread.tls;

export const secondTlsSet: NaclAnswer = ({ thread }, address) => {
  thread.secondTls = address;
  return 0;
};

export const secondTlsGet: NaclAnswer = ({ thread }) => thread.secondTls;

export const getpid: NaclAnswer = () => PROCESS;

/** Where there is nothing to do: there is one thread, and nobody to yield to. */
export const nothing: NaclAnswer = () => 0;

/** Writes an i32. `EINVAL`: there is no such number. */
export const sysconf: NaclAnswer = ({ memory }, name, resultPtr) => {
  const value = SYSCONF.get(name);
  if (value === undefined) return -ERRNO.EINVAL;
  memory.writeU32(resultPtr, value);
  return 0;
};

/** Fills memory from the session's entropy. */
export const getRandomBytes: NaclAnswer = ({ guest, memory }, bufferPtr, size) => {
  const [start = 0, bytes = 0] = memory.span(bufferPtr, size, "write").pairs;
  if (bytes !== size) return -ERRNO.EINVAL;
  guest.entropy.fill(memory.bytes, start, bytes);
  memory.wrote(bufferPtr, bytes);
  return 0;
};
