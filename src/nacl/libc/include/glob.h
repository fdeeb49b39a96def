#include_next <glob.h>

/* newlib's own text is the function itself. */
#if !defined(_ZVM_GLOB_H) && !defined(_COMPILING_NEWLIB)
#define _ZVM_GLOB_H

/* What POSIX has since newlib's own was written: an answer of its own where nothing matches. */
#define GLOB_NOMATCH (-3)
#define GLOB_ABORTED GLOB_ABEND
/* A backslash stands for itself unless GLOB_QUOTE is given. */
#define GLOB_NOESCAPE 0

static inline int __zvm_glob(const char *pattern, int flags, int (*on_error)(const char *, int),
                             glob_t *found) {
  int answer = (glob)(pattern, flags, on_error, found);
  if (answer != 0 || found->gl_matchc > 0) return answer;
  return flags & (GLOB_NOCHECK | GLOB_NOMAGIC) ? 0 : GLOB_NOMATCH;
}

#define glob(pattern, flags, on_error, found) __zvm_glob(pattern, flags, on_error, found)

#endif
