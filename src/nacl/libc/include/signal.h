#include_next <signal.h>

#ifndef _ZVM_SIGNAL_H
#define _ZVM_SIGNAL_H

/* Flags of sigaction that newlib does not name; nothing here can be interrupted. */
#define SA_RESTART 0x10
#define SA_NODEFER 0x20
#define SA_RESETHAND 0x40

#endif
