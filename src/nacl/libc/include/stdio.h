#include_next <stdio.h>

#ifndef _ZVM_STDIO_H
#define _ZVM_STDIO_H

/* What newlib has under other names. */
#if __POSIX_VISIBLE >= 200809
ssize_t getdelim(char **line, size_t *size, int end, FILE *stream);
ssize_t getline(char **line, size_t *size, FILE *stream);
#endif

#endif
