#include_next <time.h>

#ifndef _ZVM_TIME_H
#define _ZVM_TIME_H

/* What newlib has not. */
#if __ISO_C_VISIBLE >= 2011
#define TIME_UTC 1
int timespec_get(struct timespec *now, int base);
#endif
#if __MISC_VISIBLE
time_t timegm(struct tm *time);
#endif

#endif
