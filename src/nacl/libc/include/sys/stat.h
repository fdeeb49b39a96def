#include_next <sys/stat.h>

#ifndef _ZVM_SYS_STAT_H
#define _ZVM_SYS_STAT_H

/* What newlib declares for other systems only. */
#define UTIME_NOW -2L
#define UTIME_OMIT -1L
int lstat(const char *__restrict path, struct stat *__restrict result);

#endif
