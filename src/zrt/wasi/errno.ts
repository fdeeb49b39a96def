import { ERRNO, type Errno, type ErrnoName } from "../../base/index.ts";

/** WASI preview1 numbers of the errors that we know by their Linux number. */
const WASI_NUMBER: Readonly<Record<ErrnoName, number>> = {
  OK: 0,
  E2BIG: 1,
  EACCES: 2,
  EAGAIN: 6,
  EBADF: 8,
  EBUSY: 10,
  EDEADLK: 16,
  EDQUOT: 19,
  EEXIST: 20,
  EFAULT: 21,
  EFBIG: 22,
  EILSEQ: 25,
  EINVAL: 28,
  EIO: 29,
  EISDIR: 31,
  ELOOP: 32,
  EMFILE: 33,
  EMLINK: 34,
  ENAMETOOLONG: 37,
  ENFILE: 41,
  ENODEV: 43,
  ENOENT: 44,
  ENOEXEC: 45,
  ENOMEM: 48,
  ENOSPC: 51,
  ENOSYS: 52,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  ENOTSOCK: 57,
  ENOTSUP: 58,
  ENOTTY: 59,
  ENXIO: 60,
  EOVERFLOW: 61,
  EPERM: 63,
  EPIPE: 64,
  EPROTONOSUPPORT: 66,
  ERANGE: 68,
  EROFS: 69,
  ESPIPE: 70,
  ETIMEDOUT: 73,
  EXDEV: 75,
};

const BY_LINUX_NUMBER: readonly number[] = (() => {
  const table: number[] = [];
  for (const [name, linux] of Object.entries(ERRNO)) {
    table[linux] = WASI_NUMBER[name as ErrnoName];
  }
  return table;
})();

/** Translates a Linux error number; one that WASI does not know becomes its EIO. */
export function wasiErrno(errno: Errno): number {
  return BY_LINUX_NUMBER[errno] ?? WASI_NUMBER.EIO;
}
