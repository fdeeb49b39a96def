/* Names in the file system that begin at an open folder: each becomes a whole path. */
#include "zrt.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* The path of an open folder, which only its being the working directory tells. */
static int folder_path(int folder, char *buffer) {
  char back[PATH_MAX];
  if (getcwd(back, sizeof back) == NULL || fchdir(folder) < 0) return -1;
  char *found = getcwd(buffer, PATH_MAX);
  int error = errno;
  if (chdir(back) < 0) return -1;
  return found == NULL ? __zrt_refuse(error) : 0;
}

/* A path that means the same from the working directory; a null with errno set. */
static const char *path_at(int folder, const char *path, char *buffer) {
  if (folder == AT_FDCWD || path[0] == '/') return path;
  if (path[0] == 0) return __zrt_refuse(ENOENT), NULL;
  if (folder_path(folder, buffer) < 0) return NULL;
  size_t size = strlen(buffer);
  if (size + 1 + strlen(path) >= PATH_MAX) return __zrt_refuse(ENAMETOOLONG), NULL;
  buffer[size] = '/';
  strcpy(buffer + size + 1, path);
  return buffer;
}

int openat(int folder, const char *path, int flags, ...) {
  char buffer[PATH_MAX];
  va_list more;
  va_start(more, flags);
  int mode = flags & O_CREAT ? va_arg(more, int) : 0;
  va_end(more);
  path = path_at(folder, path, buffer);
  return path == NULL ? -1 : open(path, flags, mode);
}

int fstatat(int folder, const char *restrict path, struct stat *restrict result, int flags) {
  char buffer[PATH_MAX];
  path = path_at(folder, path, buffer);
  if (path == NULL) return -1;
  return flags & AT_SYMLINK_NOFOLLOW ? lstat(path, result) : stat(path, result);
}

int unlinkat(int folder, const char *path, int flags) {
  char buffer[PATH_MAX];
  path = path_at(folder, path, buffer);
  if (path == NULL) return -1;
  return flags & AT_REMOVEDIR ? rmdir(path) : unlink(path);
}

int mkdirat(int folder, const char *path, mode_t mode) {
  char buffer[PATH_MAX];
  path = path_at(folder, path, buffer);
  return path == NULL ? -1 : mkdir(path, mode);
}

int faccessat(int folder, const char *path, int wanted, int flags) {
  char buffer[PATH_MAX];
  (void)flags;
  path = path_at(folder, path, buffer);
  return path == NULL ? -1 : access(path, wanted);
}

int fchmodat(int folder, const char *path, mode_t mode, int flags) {
  char buffer[PATH_MAX];
  if (flags & AT_SYMLINK_NOFOLLOW) return __zrt_refuse(ENOTSUP);
  path = path_at(folder, path, buffer);
  return path == NULL ? -1 : chmod(path, mode);
}

ssize_t readlinkat(int folder, const char *restrict path, char *restrict to, size_t size) {
  char buffer[PATH_MAX];
  path = path_at(folder, path, buffer);
  return path == NULL ? -1 : readlink(path, to, size);
}

int symlinkat(const char *target, int folder, const char *path) {
  char buffer[PATH_MAX];
  path = path_at(folder, path, buffer);
  return path == NULL ? -1 : symlink(target, path);
}

int linkat(int old_folder, const char *old, int new_folder, const char *new, int flags) {
  char old_buffer[PATH_MAX], new_buffer[PATH_MAX];
  (void)flags;
  old = path_at(old_folder, old, old_buffer);
  new = old == NULL ? NULL : path_at(new_folder, new, new_buffer);
  return new == NULL ? -1 : link(old, new);
}

int renameat(int old_folder, const char *old, int new_folder, const char *new) {
  char old_buffer[PATH_MAX], new_buffer[PATH_MAX];
  old = path_at(old_folder, old, old_buffer);
  new = old == NULL ? NULL : path_at(new_folder, new, new_buffer);
  return new == NULL ? -1 : rename(old, new);
}

/* A time of utimensat as the host takes it, which has microseconds. */
static struct timeval host_time(struct timespec asked, struct timespec was) {
  struct timeval now;
  gettimeofday(&now, NULL);
  if (asked.tv_nsec == UTIME_NOW) return now;
  struct timespec time = asked.tv_nsec == UTIME_OMIT ? was : asked;
  return (struct timeval){time.tv_sec, time.tv_nsec / 1000};
}

int utimensat(int folder, const char *path, const struct timespec *times, int flags) {
  char buffer[PATH_MAX];
  struct stat was;
  if (flags & AT_SYMLINK_NOFOLLOW) return __zrt_refuse(ENOTSUP);
  path = path_at(folder, path, buffer);
  if (path == NULL) return -1;
  if (times == NULL) return utimes(path, NULL);
  if (stat(path, &was) < 0) return -1;
  struct timeval both[2] = {
    host_time(times[0], was.st_atim),
    host_time(times[1], was.st_mtim),
  };
  return utimes(path, both);
}
