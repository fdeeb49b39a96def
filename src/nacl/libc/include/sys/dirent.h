#ifndef _SYS_DIRENT_H
#define _SYS_DIRENT_H

/* An entry as the host writes it, and an open directory as newlib's functions use it. */

#include <sys/types.h>

#define MAXNAMLEN 255

struct dirent {
  ino_t d_ino;
  off_t d_off;
  unsigned short d_reclen;
  char d_name[MAXNAMLEN + 1];
};

typedef struct {
  int dd_fd;
  long dd_loc;
  long dd_seek;
  char *dd_buf;
  int dd_len;
  long dd_size;
} DIR;

#define __dirfd(directory) ((directory)->dd_fd)

#endif
