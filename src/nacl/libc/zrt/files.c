/* Open files. */
#include "zrt.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

/* The flags of open as the host has them. */
#define HOST_CREATE 0100
#define HOST_EXCLUSIVE 0200
#define HOST_TRUNCATE 01000
#define HOST_APPEND 02000
#define HOST_NONBLOCK 04000
#define HOST_DIRECTORY 0200000

int _open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  int mode = flags & O_CREAT ? va_arg(more, int) : 0;
  va_end(more);
  int host = flags & O_ACCMODE;
  if (flags & O_CREAT) host |= HOST_CREATE;
  if (flags & O_EXCL) host |= HOST_EXCLUSIVE;
  if (flags & O_TRUNC) host |= HOST_TRUNCATE;
  if (flags & O_APPEND) host |= HOST_APPEND;
  if (flags & O_DIRECTORY) host |= HOST_DIRECTORY;
  return __zrt(ZRT_OPEN, W(path), host, mode, 0);
}

int _close(int fd) { return __zrt(ZRT_CLOSE, fd, 0, 0, 0); }

int _read(int fd, void *buffer, size_t size) { return __zrt(ZRT_READ, fd, W(buffer), size, 0); }

int _write(int fd, const void *buffer, size_t size) {
  return __zrt(ZRT_WRITE, fd, W(buffer), size, 0);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset) {
  return __zrt(ZRT_PREAD, fd, W(buffer), size, W(&offset));
}

ssize_t pwrite(int fd, const void *buffer, size_t size, off_t offset) {
  return __zrt(ZRT_PWRITE, fd, W(buffer), size, W(&offset));
}

off_t _lseek(int fd, off_t offset, int whence) {
  return __zrt(ZRT_LSEEK, fd, W(&offset), whence, 0) < 0 ? -1 : offset;
}

int ftruncate(int fd, off_t size) { return __zrt(ZRT_FTRUNCATE, fd, W(&size), 0, 0); }

int fchmod(int fd, mode_t mode) { return __zrt(ZRT_FCHMOD, fd, mode, 0, 0); }

int fchdir(int fd) { return __zrt(ZRT_FCHDIR, fd, 0, 0, 0); }

int dup(int fd) { return __zrt(ZRT_DUP, fd, 0, 0, 0); }

int dup2(int from, int to) { return __zrt(ZRT_DUP2, from, to, 0, 0); }

int _isatty(int fd) { return __zrt(ZRT_ISATTY, fd, 0, 0, 0) == 1; }

int getdents(int fd, void *entries, int size) {
  return __zrt(ZRT_GETDENTS, fd, W(entries), size, 0);
}

static int flags_of(int fd) {
  int host = __zrt(ZRT_GET_FLAGS, fd, 0, 0, 0);
  if (host < 0) return -1;
  int flags = host & O_ACCMODE;
  if (host & HOST_APPEND) flags |= O_APPEND;
  if (host & HOST_NONBLOCK) flags |= O_NONBLOCK;
  return flags;
}

static int set_flags(int fd, int flags) {
  int host = (flags & O_APPEND ? HOST_APPEND : 0) | (flags & O_NONBLOCK ? HOST_NONBLOCK : 0);
  return __zrt(ZRT_SET_FLAGS, fd, host, 0, 0);
}

int _fcntl(int fd, int command, int argument) {
  switch (command) {
    case F_GETFL: return flags_of(fd);
    case F_SETFL: return set_flags(fd, argument);
    /* No program is started from another, and so the flag of that means nothing. */
    case F_GETFD:
    case F_SETFD: return flags_of(fd) < 0 ? -1 : 0;
    default: return __zrt_refuse(EINVAL);
  }
}

/* What is written is where it belongs at once. */
int fsync(int fd) {
  struct stat info;
  return fstat(fd, &info);
}

int fdatasync(int fd) { return fsync(fd); }

void sync(void) {}

/* Nobody else has the file. */
int flock(int fd, int operation) {
  (void)operation;
  return fsync(fd);
}

int lockf(int fd, int operation, off_t size) {
  (void)operation, (void)size;
  return fsync(fd);
}

int posix_fadvise(int fd, off_t offset, off_t size, int advice) {
  (void)offset, (void)size, (void)advice;
  return fsync(fd) < 0 ? errno : 0;
}

int posix_fallocate(int fd, off_t offset, off_t size) {
  struct stat info;
  if (offset < 0 || size <= 0) return EINVAL;
  if (fstat(fd, &info) < 0) return errno;
  if (offset + size <= info.st_size) return 0;
  return ftruncate(fd, offset + size) < 0 ? errno : 0;
}
