/* Clock, entropy, memory, sorting, text and the end: what else a program asks of its world. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void times(void) {
  time_t now = time(NULL);
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %j %a %b", gmtime(&now));
  printf("%lld is %s\n", (long long)now, text);
  struct timeval moment;
  gettimeofday(&moment, NULL);
  printf("%lld and %ld\n", (long long)moment.tv_sec, (long)moment.tv_usec);
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  printf("%lld and %ld\n", (long long)precise.tv_sec, precise.tv_nsec);
  printf("slept %d\n", usleep(1500000));
  printf("%lld later\n", (long long)(time(NULL) - now));
  struct tm date = {.tm_year = 126, .tm_mon = 10, .tm_mday = 27, .tm_hour = 36};
  time_t made = mktime(&date);
  printf("%lld %s", (long long)made, asctime(&date));
}

static void chance(void) {
  for (int at = 0; at < 3; at++) printf("%d ", rand());
  srand(42);
  for (int at = 0; at < 3; at++) printf("%d ", rand());
  unsigned char bytes[16];
  printf("entropy %d", getentropy(bytes, sizeof bytes));
  for (int at = 0; at < 16; at++) printf(" %02x", bytes[at]);
  printf("\n");
}

static int compare(const void *one, const void *two) {
  return strcmp(*(char *const *)one, *(char *const *)two);
}

static void memory(void) {
  char *words[200];
  unsigned long long sum = 0;
  for (int at = 0; at < 200; at++) {
    words[at] = malloc(16 + at * 37);
    snprintf(words[at], 16, "word %03d", at * 77 % 200);
  }
  qsort(words, 200, sizeof *words, compare);
  printf("%s %s %s\n", words[0], words[100], words[199]);
  char *wanted = "word 123";
  char **found = bsearch(&wanted, words, 200, sizeof *words, compare);
  printf("%s at %d\n", *found, (int)(found - words));
  for (int at = 0; at < 200; at += 2) free(words[at]);
  for (int at = 1; at < 200; at += 2) words[at] = realloc(words[at], 5000);
  for (int at = 1; at < 200; at += 2) sum = sum * 31 + words[at][7];
  int *zeros = calloc(1000, sizeof *zeros);
  for (int at = 0; at < 1000; at++) sum += zeros[at];
  printf("sum %llu\n", sum);
  char *large = malloc(50 << 20);
  memset(large, 7, 50 << 20);
  printf("large %d\n", large[(50 << 20) - 1]);
  free(large);
}

static void text(void) {
  char list[] = "a,b;;c d";
  for (char *part = strtok(list, ",; "); part != NULL; part = strtok(NULL, ",; ")) {
    printf("<%s>", part);
  }
  printf("\n%s %s %d\n", strstr("haystack", "st"), strrchr("a/b/c", '/'), strcmp("ab", "abc") < 0);
  printf("%d %d %c\n", isalpha('x') != 0, isdigit('x') != 0, toupper('q'));
  printf("%s\n", strdup("copied"));
}

static void last(void) { printf("the last words\n"); }

int main(void) {
  atexit(last);
  times();
  chance();
  memory();
  text();
  fflush(stdout);
  fprintf(stderr, "to the other stream\n");
  exit(3);
}
