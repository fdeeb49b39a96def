/* The extension trap, and what its errors are in newlib, whose numbers are not those of Linux. */
#include "zrt.h"
#include <errno.h>
#include <reent.h>

#define TRAP_ZRT 0x2054525a

int __zvm_trap(unsigned long long *block);

int __zrt_answer(enum zrt_call call, zrt_word a, zrt_word b, zrt_word c, zrt_word d) {
  unsigned long long block[9] = {TRAP_ZRT, 0, call, a, b, c, d, 0, 0};
  return __zvm_trap(block);
}

static int number_in_newlib(int error) {
  switch (error) {
    case 36: return ENAMETOOLONG;
    case 38: return ENOSYS;
    case 39: return ENOTEMPTY;
    case 40: return ELOOP;
    case 75: return EOVERFLOW;
    case 84: return EILSEQ;
    case 88: return ENOTSOCK;
    case 93: return EPROTONOSUPPORT;
    case 95: return ENOTSUP;
    case 110: return ETIMEDOUT;
    case 122: return EDQUOT;
    default: return error;
  }
}

int __zrt(enum zrt_call call, zrt_word a, zrt_word b, zrt_word c, zrt_word d) {
  int answer = __zrt_answer(call, a, b, c, d);
  return answer < 0 ? __zrt_refuse(number_in_newlib(-answer)) : answer;
}

#undef errno
extern int errno;

/* newlib looks into the variable behind its own calls, and everybody else into what it keeps. */
int __zrt_refuse(int error) {
  errno = error;
  _REENT->_errno = error;
  return -1;
}
