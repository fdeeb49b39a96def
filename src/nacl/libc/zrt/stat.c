/* What is known of a file. */
#include "zrt.h"
#include <sys/stat.h>

struct host_time {
  long long seconds, nanoseconds;
};

/* As the host writes it: 104 bytes. */
struct host_stat {
  unsigned long long device, ino;
  zrt_word mode, nlink, uid, gid;
  unsigned long long rdev;
  long long size;
  int block_size, blocks;
  struct host_time accessed, modified, changed;
};

static struct timespec time_of(struct host_time time) {
  return (struct timespec){time.seconds, time.nanoseconds};
}

static int stat_by(enum zrt_call call, zrt_word file, struct stat *result) {
  struct host_stat host;
  if (__zrt(call, file, W(&host), 0, 0) < 0) return -1;
  *result = (struct stat){
    .st_dev = host.device,
    .st_ino = host.ino,
    .st_mode = host.mode,
    .st_nlink = host.nlink,
    .st_uid = host.uid,
    .st_gid = host.gid,
    .st_rdev = host.rdev,
    .st_size = host.size,
    .st_blksize = host.block_size,
    .st_blocks = host.blocks,
    .st_atim = time_of(host.accessed),
    .st_mtim = time_of(host.modified),
    .st_ctim = time_of(host.changed),
  };
  return 0;
}

int _stat(const char *path, struct stat *result) { return stat_by(ZRT_STAT, W(path), result); }

int lstat(const char *path, struct stat *result) { return stat_by(ZRT_LSTAT, W(path), result); }

int _fstat(int fd, struct stat *result) { return stat_by(ZRT_FSTAT, fd, result); }
