/* The system calls of Native Client for the same program as a process of this machine. */
#ifndef NACL_CALLS_H
#define NACL_CALLS_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef unsigned int u32;
typedef long long i64;

static i64 answered(i64 answer) { return answer < 0 ? -errno : answer; }

static int sys_open(const char *path, int flags, int mode) {
  return answered(open(path, flags, mode));
}
static int sys_close(int fd) { return answered(close(fd)); }
static int sys_read(int fd, void *buffer, u32 size) { return answered(read(fd, buffer, size)); }
static int sys_write(int fd, const void *buffer, u32 size) {
  return answered(write(fd, buffer, size));
}
static i64 sys_seek(int fd, i64 offset, int whence) {
  return answered(lseek(fd, offset, whence));
}
static i64 sys_size(const char *path, u32 *mode) {
  struct stat found = {0};
  int answer = answered(stat(path, &found));
  *mode = found.st_mode;
  return answer < 0 ? answer : found.st_size;
}
static int sys_mkdir(const char *path, int mode) { return answered(mkdir(path, mode)); }
static int sys_rmdir(const char *path) { return answered(rmdir(path)); }
static int sys_unlink(const char *path) { return answered(unlink(path)); }
static int sys_rename(const char *from, const char *to) { return answered(rename(from, to)); }
static int sys_pread(int fd, void *buffer, u32 size, i64 offset) {
  return answered(pread(fd, buffer, size, offset));
}
static void *sys_map(u32 size) {
  void *place = mmap(0, size, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return place == MAP_FAILED ? 0 : place;
}
static char *sys_more(u32 size) { return sbrk(size); }
#endif
