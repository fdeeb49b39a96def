#include_next <stdlib.h>

#ifndef _ZVM_STDLIB_H
#define _ZVM_STDLIB_H

/* What newlib has not. */
#if __MISC_VISIBLE
int clearenv(void);
#endif

#endif
