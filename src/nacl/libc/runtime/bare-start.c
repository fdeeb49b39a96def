/* The start of a program without a C library: it gets one empty argument. */
#include "zvm_nexe.h"

int main(int, char **);

static char *arguments[] = {"", 0};

void __zvm_start(void) { zvm_exit(main(1, arguments)); }
