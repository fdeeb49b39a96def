#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

int main(int argc, char **argv) {
  qsort(argv + 1, argc - 1, sizeof *argv, ascending);
  for (int i = 1; i < argc; i++) printf("%d %s\n", i, argv[i]);
  FILE *file = fopen("/dev/words.txt", "r");
  if (file == NULL) return 2;
  char line[80];
  int count = 0;
  while (fgets(line, sizeof line, file)) count += strlen(line);
  printf("%d bytes, sqrt(2) = %.15g\n", count, __builtin_sqrt(2));
  return argc;
}
