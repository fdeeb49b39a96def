/* The clock of the session, and sleep. */
#include "zrt.h"
#include <errno.h>
#include <reent.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

int _gettimeofday(struct timeval *now, void *zone) {
  (void)zone;
  return __zrt(ZRT_GETTIMEOFDAY, W(now), 0, 0, 0);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  return __zrt(ZRT_CLOCK_GETTIME, clock, W(now), 0, 0);
}

int clock_getres(clockid_t clock, struct timespec *step) {
  return __zrt(ZRT_CLOCK_GETRES, clock, W(step), 0, 0);
}

clock_t clock(void) { return __zrt(ZRT_CLOCK, 0, 0, 0, 0); }

int nanosleep(const struct timespec *time, struct timespec *left) {
  if (__zrt(ZRT_NANOSLEEP, W(time), 0, 0, 0) < 0) return -1;
  if (left != NULL) *left = (struct timespec){0, 0};
  return 0;
}

unsigned sleep(unsigned seconds) {
  struct timespec time = {seconds, 0};
  nanosleep(&time, NULL);
  return 0;
}

int usleep(useconds_t microseconds) {
  struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
  return nanosleep(&time, NULL);
}
