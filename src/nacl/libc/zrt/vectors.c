/* Reads and writes of several parts, one after the other. */
#include "zrt.h"
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

typedef ssize_t one_part(int fd, const struct iovec *part, off_t offset);

/* Goes on to the next part as long as each is done whole; an error of a later one is not told. */
static ssize_t each(int fd, const struct iovec *parts, int count, off_t offset, one_part *act) {
  ssize_t total = 0;
  if (count < 0 || count > UIO_MAXIOV) return __zrt_refuse(EINVAL);
  for (const struct iovec *part = parts; part < parts + count; part++) {
    if (part->iov_len == 0) continue;
    ssize_t size = act(fd, part, offset + total);
    if (size < 0) return total > 0 ? total : -1;
    total += size;
    if ((size_t)size < part->iov_len) break;
  }
  return total;
}

static ssize_t read_part(int fd, const struct iovec *part, off_t offset) {
  (void)offset;
  return read(fd, part->iov_base, part->iov_len);
}

static ssize_t write_part(int fd, const struct iovec *part, off_t offset) {
  (void)offset;
  return write(fd, part->iov_base, part->iov_len);
}

static ssize_t pread_part(int fd, const struct iovec *part, off_t offset) {
  return pread(fd, part->iov_base, part->iov_len, offset);
}

static ssize_t pwrite_part(int fd, const struct iovec *part, off_t offset) {
  return pwrite(fd, part->iov_base, part->iov_len, offset);
}

ssize_t readv(int fd, const struct iovec *parts, int count) {
  return each(fd, parts, count, 0, read_part);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  return each(fd, parts, count, 0, write_part);
}

ssize_t preadv(int fd, const struct iovec *parts, int count, off_t offset) {
  return each(fd, parts, count, offset, pread_part);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  return each(fd, parts, count, offset, pwrite_part);
}
