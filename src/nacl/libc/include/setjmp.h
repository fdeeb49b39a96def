#include_next <setjmp.h>

#ifndef _ZVM_SETJMP_H
#define _ZVM_SETJMP_H

/* No signal is ever blocked: there is no mask to keep. */
typedef jmp_buf sigjmp_buf;
#define sigsetjmp(place, keeps_mask) ((void)(keeps_mask), setjmp(place))
#define siglongjmp(place, value) longjmp(place, value)
#define _setjmp(place) setjmp(place)
#define _longjmp(place, value) longjmp(place, value)

#endif
