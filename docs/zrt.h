/*
 * The import module `zrt`: what WASI preview1 cannot say. For programs in C and C++ that are
 * compiled to WebAssembly; docs/reference/zrt-extension.md describes every call.
 *
 * Each call returns an errno in the numbering of WASI, 0 for success. Pointers are addresses in
 * linear memory. A pointer outside of it is EFAULT (21), and then nothing has happened. Paths are
 * bytes with a length, without a NUL. `flags` is 1 to follow a symbolic link in the last part of
 * the path, else 0. `fd` before a path is the directory in which a relative path begins.
 */
#ifndef ZRT_H
#define ZRT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ZRT_IMPORT(name) __attribute__((import_module("zrt"), import_name(#name)))

/* Descriptors. */

/* Duplicates fd to the lowest free number from lowest on (dup, F_DUPFD). */
ZRT_IMPORT(fd_dup)
uint32_t zrt_fd_dup(uint32_t fd, uint32_t lowest, uint32_t *result);

/* Makes `to` a duplicate of `from`, closing what it was. */
ZRT_IMPORT(fd_dup2)
uint32_t zrt_fd_dup2(uint32_t from, uint32_t to);

/* fcntl with command 3 (F_GETFL) or 4 (F_SETFL); flags are those of Linux: access mode 0 to 2,
 * O_APPEND 02000, O_NONBLOCK 04000. F_SETFL may change the access mode. */
ZRT_IMPORT(fd_fcntl)
uint32_t zrt_fd_fcntl(uint32_t fd, uint32_t command, uint32_t flags, uint32_t *result);

/* Modes and owners. */

/* Mode of the next file or directory that is made, before the umask. */
ZRT_IMPORT(set_create_mode)
uint32_t zrt_set_create_mode(uint32_t mode);

/* Sets the umask and gives the old one. */
ZRT_IMPORT(umask)
uint32_t zrt_umask(uint32_t mask, uint32_t *result);

ZRT_IMPORT(path_chmod)
uint32_t zrt_path_chmod(uint32_t fd, uint32_t flags, const char *path, uint32_t path_size,
                        uint32_t mode);

ZRT_IMPORT(fd_chmod)
uint32_t zrt_fd_chmod(uint32_t fd, uint32_t mode);

/* Owners are accepted and change nothing. */
ZRT_IMPORT(path_chown)
uint32_t zrt_path_chown(uint32_t fd, uint32_t flags, const char *path, uint32_t path_size,
                        uint32_t uid, uint32_t gid);

ZRT_IMPORT(fd_chown)
uint32_t zrt_fd_chown(uint32_t fd, uint32_t uid, uint32_t gid);

/* Status with mode, owner and blocks: 96 bytes. */
struct zrt_stat {
  uint64_t dev;
  uint64_t ino;
  uint32_t mode; /* type and permissions, numbered as in Linux: 0010000 is a FIFO */
  uint32_t nlink;
  uint32_t uid;
  uint32_t gid;
  uint64_t rdev;
  uint64_t size;
  uint64_t blksize;
  uint64_t blocks; /* of 512 bytes */
  uint64_t atim;   /* nanoseconds since 1970 */
  uint64_t mtim;
  uint64_t ctim;
  uint64_t reserved; /* zero */
};

ZRT_IMPORT(path_stat_ex)
uint32_t zrt_path_stat_ex(uint32_t fd, uint32_t flags, const char *path, uint32_t path_size,
                          struct zrt_stat *result);

ZRT_IMPORT(fd_stat_ex)
uint32_t zrt_fd_stat_ex(uint32_t fd, struct zrt_stat *result);

/* The working directory of the extension calls; it starts at HOME or /. */

/* The path is written without a NUL, its length to `result`; ERANGE (68) if it does not fit. */
ZRT_IMPORT(getcwd)
uint32_t zrt_getcwd(char *buffer, uint32_t size, uint32_t *result);

ZRT_IMPORT(chdir)
uint32_t zrt_chdir(const char *path, uint32_t path_size);

ZRT_IMPORT(fchdir)
uint32_t zrt_fchdir(uint32_t fd);

/* Identity and numbers. */

struct zrt_ids {
  uint32_t uid; /* from the variable UID, else 1 */
  uint32_t gid; /* from the variable GID, else 1 */
  uint32_t pid; /* 1 */
};

ZRT_IMPORT(getids)
uint32_t zrt_getids(struct zrt_ids *result);

#define ZRT_MEMORY_BYTES 0     /* linear memory now */
#define ZRT_MEMORY_BYTES_MAX 1 /* what it may grow to */
#define ZRT_FILE_BYTES 2       /* memory that files take */
#define ZRT_OPEN_FILES_MAX 3   /* descriptors at most */
#define ZRT_CHANNELS 4         /* channels of the session */

ZRT_IMPORT(sysinfo)
uint32_t zrt_sysinfo(uint32_t what, uint64_t *result);

/* Channels by index: stdin, stdout, stderr, then the others by alias. */

struct zrt_channel {
  uint64_t gets; /* limits, as declared */
  uint64_t get_bytes;
  uint64_t puts;
  uint64_t put_bytes;
  uint64_t size;       /* at the start; 0 for sequential channels */
  uint32_t type;       /* 0 to 3 */
  uint32_t alias_size; /* of the whole alias, however much fits */
};

ZRT_IMPORT(chan_info)
uint32_t zrt_chan_info(uint32_t index, struct zrt_channel *result, char *alias,
                       uint32_t alias_size);

/* One get: at most `size` bytes from `offset`, which a sequential channel ignores. */
ZRT_IMPORT(chan_read)
uint32_t zrt_chan_read(uint32_t index, void *buffer, uint32_t size, uint64_t offset,
                       uint32_t *result);

/* One put. */
ZRT_IMPORT(chan_write)
uint32_t zrt_chan_write(uint32_t index, const void *buffer, uint32_t size, uint64_t offset,
                        uint32_t *result);

/* The point of a prepared program: returns when a session goes on with it; at once where nobody
   prepares. /dev/zfork is the same for scripts, and gives the arguments of the session. */
ZRT_IMPORT(zfork)
uint32_t zrt_zfork(void);

#ifdef __cplusplus
}
#endif

#endif
