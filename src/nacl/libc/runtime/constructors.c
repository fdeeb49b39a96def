/* What runs before main and behind it: the lists are made with the program. */
#include "zvm_start.h"

typedef void constructor(int, char **, char **);
typedef void destructor(void);

extern constructor *const __zvm_constructors[];
extern destructor *const __zvm_destructors[];

void __zvm_construct(int argc, char **argv, char **environment) {
  for (constructor *const *next = __zvm_constructors; *next; next++) (*next)(argc, argv, environment);
}

void __zvm_destruct(void) {
  for (destructor *const *next = __zvm_destructors; *next; next++) (*next)();
}
