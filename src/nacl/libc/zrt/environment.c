/* The environment as a whole. */
#include <stdlib.h>

extern char **environ;

static char *none[] = {NULL};

int clearenv(void) {
  environ = none;
  return 0;
}

/* No program has more rights than who asks for it. */
char *secure_getenv(const char *name) { return getenv(name); }
