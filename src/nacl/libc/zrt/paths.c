/* Names in the file system. */
#include "zrt.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

mode_t umask(mode_t mask) { return __zrt(ZRT_UMASK, mask, 0, 0, 0); }

int mkdir(const char *path, mode_t mode) { return __zrt(ZRT_MKDIR, W(path), mode, 0, 0); }

int _mkdir(const char *path, int mode) { return mkdir(path, mode); }

int rmdir(const char *path) { return __zrt(ZRT_RMDIR, W(path), 0, 0, 0); }

int _unlink(const char *path) { return __zrt(ZRT_UNLINK, W(path), 0, 0, 0); }

int _link(const char *from, const char *to) { return __zrt(ZRT_LINK, W(from), W(to), 0, 0); }

int _rename(const char *from, const char *to) { return __zrt(ZRT_RENAME, W(from), W(to), 0, 0); }

int symlink(const char *target, const char *path) {
  return __zrt(ZRT_SYMLINK, W(target), W(path), 0, 0);
}

ssize_t readlink(const char *path, char *buffer, size_t size) {
  return __zrt(ZRT_READLINK, W(path), W(buffer), size, 0);
}

int access(const char *path, int wanted) { return __zrt(ZRT_ACCESS, W(path), wanted, 0, 0); }

int chmod(const char *path, mode_t mode) { return __zrt(ZRT_CHMOD, W(path), mode, 0, 0); }

int truncate(const char *path, off_t size) { return __zrt(ZRT_TRUNCATE, W(path), W(&size), 0, 0); }

int utimes(const char *path, const struct timeval times[2]) {
  return __zrt(ZRT_UTIMES, W(path), W(times), 0, 0);
}

int utime(const char *path, const struct utimbuf *times) {
  if (times == NULL) return utimes(path, NULL);
  struct timeval both[2] = {{times->actime, 0}, {times->modtime, 0}};
  return utimes(path, both);
}

int chdir(const char *path) { return __zrt(ZRT_CHDIR, W(path), 0, 0, 0); }

char *getcwd(char *buffer, size_t size) {
  char *target = buffer;
  if (buffer == NULL) {
    if (size == 0) size = PATH_MAX;
    target = malloc(size);
    if (target == NULL) return NULL;
  }
  if (__zrt(ZRT_GETCWD, W(target), size, 0, 0) >= 0) return target;
  if (buffer == NULL) free(target);
  return NULL;
}
