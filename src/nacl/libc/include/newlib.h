#ifndef __NEWLIB_H__
#define __NEWLIB_H__ 1

/* What newlib's configure would have chosen, for programs of the sandbox. */

#include <_newlib_version.h>

#define _WANT_IO_C99_FORMATS 1
#define _WANT_IO_LONG_LONG 1
#define _WANT_IO_LONG_DOUBLE 1
#define _WANT_IO_POS_ARGS 1
#define _MB_CAPABLE 1
#define _MB_LEN_MAX 8
#define _ATEXIT_DYNAMIC_ALLOC 1
#define _HAVE_LONG_DOUBLE 1
/* A long double has 64 bits, as in the original. */
#define _LDBL_EQ_DBL 1
#define _HAVE_CC_INHIBIT_LOOP_TO_LIBCALL 1
#define _FVWRITE_IN_STREAMIO 1
#define _FSEEK_OPTIMIZATION 1
#define _WIDE_ORIENT 1
#define _UNBUF_STREAM_OPT 1

/* Declares clock_gettime, nanosleep and what belongs to them. */
#define _POSIX_TIMERS 200112L
#define _POSIX_MONOTONIC_CLOCK 200112L
#define _POSIX_CLOCK_SELECTION 200112L
#define _POSIX_CPUTIME 200112L
#define _POSIX_THREAD_CPUTIME 200112L

#endif
