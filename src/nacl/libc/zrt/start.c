/* The start of a program with a C library: arguments and environment come from the host. */
#include "zrt.h"
#include "zvm_nexe.h"
#include "zvm_start.h"
#include <stdlib.h>
#include <string.h>

extern char **environ;
int main(int, char **, char **);

/* The last part of the name by which the program was started, for messages. */
const char *__zvm_program_name = "";

/* The texts of a list, one after the other with a NUL each, as an array that ends with a null. */
static char **list_of(enum zrt_call call, int *count) {
  int size = __zrt_answer(call, 0, 0, 0, 0);
  char *texts = malloc(size + 1);
  int total = 0;
  if (texts == NULL || __zrt_answer(call, W(texts), size, 0, 0) != size) zvm_exit(127);
  for (int at = 0; at < size; at++) total += texts[at] == 0;
  char **list = malloc((total + 1) * sizeof *list);
  if (list == NULL) zvm_exit(127);
  for (int at = 0; at < total; at++, texts += strlen(texts) + 1) list[at] = texts;
  list[total] = NULL;
  *count = total;
  return list;
}

void __zvm_start(void) {
  int argc, count;
  environ = list_of(ZRT_ENVIRONMENT, &count);
  char **argv = list_of(ZRT_ARGUMENTS, &argc);
  const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
  if (argc > 0) __zvm_program_name = slash == NULL ? argv[0] : slash + 1;
  atexit(__zvm_destruct);
  __zvm_construct(argc, argv, environ);
  exit(main(argc, argv, environ));
}

void _exit(int status) { zvm_exit(status); }
