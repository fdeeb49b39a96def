/* What POSIX has beside C: files by folders, parts and lines, tables, times, letters, memory. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <uchar.h>
#include <unistd.h>

static void check(const char *what, int answer) {
  printf("%s: %s\n", what, answer < 0 ? "refused" : "done");
}

static void folders(void) {
  struct stat info;
  int folder = open("/data", O_RDONLY | O_DIRECTORY);
  check("mkdirat", mkdirat(folder, "new", 0755));
  int file = openat(folder, "new/file", O_CREAT | O_RDWR, 0644);
  check("openat", file);
  struct iovec out[] = {{"one ", 4}, {"", 0}, {"two", 3}};
  printf("%d written\n", (int)writev(file, out, 3));
  char first[5] = "", second[5] = "";
  struct iovec in[] = {{first, 2}, {second, 4}};
  printf("%d read: %s|%s\n", (int)preadv(file, in, 2, 1), first, second);
  check("fallocate", posix_fallocate(file, 0, 20));
  check("advise", posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL));
  close(file);
  check("symlinkat", symlinkat("file", folder, "new/link"));
  check("fstatat", fstatat(folder, "new/link", &info, AT_SYMLINK_NOFOLLOW));
  printf("a link: %d\n", S_ISLNK(info.st_mode) != 0);
  check("lstat", lstat("/data/new/link", &info));
  printf("a link: %d\n", S_ISLNK(info.st_mode) != 0);
  check("stat", fstatat(folder, "new/link", &info, 0));
  printf("%d bytes\n", (int)info.st_size);
  char target[10] = "";
  printf("%d of readlinkat: %s\n", (int)readlinkat(folder, "new/link", target, 9), target);
  check("renameat", renameat(folder, "new/file", folder, "moved"));
  check("linkat", linkat(folder, "moved", folder, "new/file", 0));
  struct timespec times[2] = {{1000, 0}, {2000, 5000}};
  check("utimensat", utimensat(folder, "moved", times, 0));
  fstatat(folder, "moved", &info, 0);
  printf("%lld %lld\n", (long long)info.st_atim.tv_sec, (long long)info.st_mtim.tv_sec);
  check("faccessat", faccessat(folder, "moved", R_OK, 0));
  check("unlinkat", unlinkat(folder, "none", 0));
  check("in no folder", openat(99, "moved", O_RDONLY));
  check("unlinkat", unlinkat(folder, "new/link", 0));
  check("unlinkat", unlinkat(folder, "new/file", 0));
  check("rmdir", unlinkat(folder, "new", AT_REMOVEDIR));
  close(folder);
}

static void lines(void) {
  char *line = NULL;
  size_t size = 0;
  FILE *file = fopen("/data/lines.txt", "r");
  for (ssize_t read; (read = getline(&line, &size, file)) > 0;) printf("%d: %s", (int)read, line);
  rewind(file);
  printf("%d to a blank\n", (int)getdelim(&line, &size, ' ', file));
  free(line);
  fclose(file);
}

static int compare(const void *one, const void *two) {
  return *(const int *)one - *(const int *)two;
}

struct element {
  struct element *next, *previous;
  int number;
};

static void tables(void) {
  int table[8] = {5, 3, 9}, wanted = 9, missing = 4;
  size_t count = 3;
  int *found = lfind(&wanted, table, &count, sizeof *table, compare);
  printf("at %d, %d missing\n", (int)(found - table),
         lfind(&missing, table, &count, sizeof *table, compare) == NULL);
  found = lsearch(&missing, table, &count, sizeof *table, compare);
  printf("at %d of %d\n", (int)(found - table), (int)count);
  struct element one = {.number = 1}, two = {.number = 2}, three = {.number = 3};
  insque(&one, NULL);
  insque(&three, &one);
  insque(&two, &one);
  for (struct element *at = &one; at != NULL; at = at->next) printf("%d ", at->number);
  remque(&two);
  for (struct element *at = &three; at != NULL; at = at->previous) printf("%d ", at->number);
  puts("");
}

static void times(void) {
  const int dates[][3] = {{1970, 0, 1}, {2000, 1, 29}, {1900, 2, 1}, {2024, 13, 31}, {1969, -3, 0}};
  for (int at = 0; at < 5; at++) {
    struct tm tm = {
      .tm_year = dates[at][0] - 1900, .tm_mon = dates[at][1], .tm_mday = dates[at][2], .tm_hour = 25};
    long long seconds = timegm(&tm);
    printf("%lld is %d-%d-%d %d\n", seconds, tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_wday);
  }
  struct timespec now, later;
  printf("%d\n", timespec_get(&now, TIME_UTC) == TIME_UTC);
  printf("%d", clock_gettime(CLOCK_REALTIME, &now));
  printf("%d", clock_getres(CLOCK_MONOTONIC, &now));
  printf("%d\n", clock_gettime(CLOCK_MONOTONIC, &now));
  later = (struct timespec){now.tv_sec + 5, now.tv_nsec};
  printf("%d\n", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &later, NULL));
  clock_gettime(CLOCK_MONOTONIC, &now);
  printf("%d\n", now.tv_sec >= later.tv_sec);
}

static void letters(void) {
  mbstate_t state = {0};
  char16_t unit;
  char32_t letter;
  char text[8];
  printf("%d", (int)mbrtoc16(&unit, "A", 1, &state));
  printf(" %x", unit);
  printf(" %d", (int)mbrtoc32(&letter, "zz", 2, &state));
  printf(" %x", (unsigned)letter);
  printf(" %d", (int)c16rtomb(text, u'q', &state));
  printf(" %c", text[0]);
  printf(" %d", (int)c32rtomb(text, U'r', &state));
  printf(" %c\n", text[0]);
}

static void memory(void) {
  void *place = NULL;
  printf("%d", posix_memalign(&place, 256, 100));
  printf(" %d", (int)((uintptr_t)place % 256));
  free(place);
  place = aligned_alloc(64, 128);
  printf(" %d\n", (int)((uintptr_t)place % 64));
  free(place);
  unsigned char one[16] = {0}, none[16] = {0};
  printf("%d", getentropy(one, 16));
  printf(" %d\n", memcmp(one, none, 16) != 0);
}

int main(void) {
  folders();
  lines();
  tables();
  times();
  letters();
  memory();
  printf("%d pages\n", (int)sysconf(_SC_PAGESIZE) / 65536);
  return 0;
}
