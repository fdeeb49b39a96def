/* System calls of Native Client, by the slots of the page of trampolines. */
#ifndef NACL_CALLS_H
#define NACL_CALLS_H

#define SLOT(number, ...) ((int (*)(__VA_ARGS__))(0x10000 + 32 * (number)))

typedef unsigned int u32;
typedef long long i64;

struct nacl_stat {
  i64 device;
  unsigned long long inode;
  u32 mode, links, user, group;
  i64 rdev, size;
  int block_size, blocks;
  i64 times[6];
};

static int sys_open(const char *path, int flags, int mode) {
  return SLOT(10, const char *, int, int)(path, flags, mode);
}
static int sys_close(int fd) { return SLOT(11, int)(fd); }
static int sys_read(int fd, void *buffer, u32 size) {
  return SLOT(12, int, void *, u32)(fd, buffer, size);
}
static int sys_write(int fd, const void *buffer, u32 size) {
  return SLOT(13, int, const void *, u32)(fd, buffer, size);
}
/* Gives the new position. */
static i64 sys_seek(int fd, i64 offset, int whence) {
  int answer = SLOT(14, int, i64 *, int)(fd, &offset, whence);
  return answer < 0 ? answer : offset;
}
/* Gives the size of a file, and its mode. */
static i64 sys_size(const char *path, u32 *mode) {
  struct nacl_stat found;
  int answer = SLOT(16, const char *, struct nacl_stat *)(path, &found);
  *mode = found.mode;
  return answer < 0 ? answer : found.size;
}
static int sys_mkdir(const char *path, int mode) {
  return SLOT(45, const char *, int)(path, mode);
}
static int sys_rmdir(const char *path) { return SLOT(46, const char *)(path); }
static int sys_unlink(const char *path) { return SLOT(49, const char *)(path); }
static int sys_rename(const char *from, const char *to) {
  return SLOT(143, const char *, const char *)(from, to);
}
static int sys_pread(int fd, void *buffer, u32 size, i64 offset) {
  return SLOT(130, int, void *, u32, i64 *)(fd, buffer, size, &offset);
}
/* Gives zeroed memory, or 0. */
static void *sys_map(u32 size) {
  u32 address = SLOT(21, u32, u32, int, int, int, i64 *)(0, size, 3, 0x22, -1, 0);
  return address > 0xffff0000 ? 0 : (void *)address;
}
/* Moves the end of the data up. Gives where it was. */
static char *sys_more(u32 size) {
  u32 end = SLOT(20, u32)(0);
  u32 moved = SLOT(20, u32)(end + size);
  return moved == end + size ? (char *)end : 0;
}

int main(int, char **);

/* The start of the runtime, in place of that for ZeroVM. */
void __zvm_start(u32 *info) {
  SLOT(30, int)(main(info[2], (char **)(info + 3)));
  __builtin_trap();
}
#endif
