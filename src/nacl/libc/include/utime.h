/* newlib's own does not include what it uses. */
#include <sys/types.h>
#include_next <utime.h>
