/* The start of a program without a C library: it gets one empty argument. */
#include "zvm_nexe.h"
#include "zvm_start.h"

int main(int, char **);

static char *arguments[] = {"", 0};
static char *environment[] = {0};

void __zvm_start(void) {
  __zvm_construct(1, arguments, environment);
  int status = main(1, arguments);
  __zvm_destruct();
  zvm_exit(status);
}
