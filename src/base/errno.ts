/**
 * Error numbers as a guest may see them, in Linux numbering: the numbering of the original
 * system and of its trap interface. The WASI face translates them (`zrt/wasi/errno.ts`).
 */
export const ERRNO = {
  OK: 0,
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EMLINK: 31,
  EPIPE: 32,
  ERANGE: 34,
  EDEADLK: 35,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EOVERFLOW: 75,
  EILSEQ: 84,
  ENOTSOCK: 88,
  EPROTONOSUPPORT: 93,
  ENOTSUP: 95,
  ETIMEDOUT: 110,
  EDQUOT: 122,
} as const;

export type ErrnoName = keyof typeof ERRNO;

/** A guest-visible error number; 0 is success. Returned, never thrown. */
export type Errno = (typeof ERRNO)[ErrnoName];
