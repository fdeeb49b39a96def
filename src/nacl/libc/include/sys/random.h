#ifndef _SYS_RANDOM_H
#define _SYS_RANDOM_H

#include <sys/types.h>

#define GRND_NONBLOCK 1
#define GRND_RANDOM 2

/* The entropy of the session, whatever the flags. */
ssize_t getrandom(void *buffer, size_t size, unsigned flags);
int getentropy(void *buffer, size_t size);

#endif
