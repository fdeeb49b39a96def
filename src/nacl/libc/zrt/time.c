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

/* The number of a clock as the host has it; what is none of newlib's stays none. */
static zrt_word host_clock(clockid_t clock) {
  switch (clock) {
    case CLOCK_REALTIME: return 0;
    case CLOCK_MONOTONIC: return 1;
    case CLOCK_PROCESS_CPUTIME_ID: return 2;
    case CLOCK_THREAD_CPUTIME_ID: return 3;
    default: return -1;
  }
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  return __zrt(ZRT_CLOCK_GETTIME, host_clock(clock), W(now), 0, 0);
}

int clock_getres(clockid_t clock, struct timespec *step) {
  return __zrt(ZRT_CLOCK_GETRES, host_clock(clock), W(step), 0, 0);
}

clock_t clock(void) { return __zrt(ZRT_CLOCK, 0, 0, 0, 0); }

int nanosleep(const struct timespec *time, struct timespec *left) {
  if (__zrt(ZRT_NANOSLEEP, W(time), 0, 0, 0) < 0) return -1;
  if (left != NULL) *left = (struct timespec){0, 0};
  return 0;
}

int timespec_get(struct timespec *now, int base) {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                    struct timespec *left) {
  struct timespec now, wait = *time;
  if (flags & TIMER_ABSTIME) {
    if (clock_gettime(clock, &now) < 0) return errno;
    wait.tv_sec -= now.tv_sec;
    wait.tv_nsec -= now.tv_nsec;
    if (wait.tv_nsec < 0) wait.tv_sec--, wait.tv_nsec += 1000000000;
    if (wait.tv_sec < 0) return 0;
  }
  return nanosleep(&wait, flags & TIMER_ABSTIME ? NULL : left) < 0 ? errno : 0;
}

/* Days from 1970 to the first of a month, which may be any number, of a year. */
static long long days_before(long long year, int month) {
  static const short before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  year += month / 12 - (month % 12 < 0);
  month = (month % 12 + 12) % 12;
  long long past = month < 2 ? year - 1 : year;
  long long cycle = past / 400 - (past % 400 < 0);
  int rest = past - cycle * 400;
  return year * 365 + before[month] + rest / 4 - rest / 100 + cycle * 97 - 719527;
}

time_t timegm(struct tm *time) {
  long long days = days_before(time->tm_year + 1900LL, time->tm_mon) + time->tm_mday - 1;
  time_t seconds = days * 86400 + time->tm_hour * 3600LL + time->tm_min * 60LL + time->tm_sec;
  return gmtime_r(&seconds, time) == NULL ? -1 : seconds;
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
