/* Messages with the name of the program, for standard error. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last part of the name by which it was started. */
extern const char *__zvm_program_name;

static void say(const char *format, va_list list, const char *reason) {
  fprintf(stderr, "%s: ", __zvm_program_name);
  if (format != NULL) vfprintf(stderr, format, list);
  if (format != NULL && reason != NULL) fputs(": ", stderr);
  if (reason != NULL) fputs(reason, stderr);
  fputc('\n', stderr);
}

void vwarn(const char *format, va_list list) { say(format, list, strerror(errno)); }

void vwarnx(const char *format, va_list list) { say(format, list, NULL); }

void verr(int status, const char *format, va_list list) {
  vwarn(format, list);
  exit(status);
}

void verrx(int status, const char *format, va_list list) {
  vwarnx(format, list);
  exit(status);
}

void warn(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vwarn(format, list);
  va_end(list);
}

void warnx(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vwarnx(format, list);
  va_end(list);
}

void err(int status, const char *format, ...) {
  va_list list;
  va_start(list, format);
  verr(status, format, list);
}

void errx(int status, const char *format, ...) {
  va_list list;
  va_start(list, format);
  verrx(status, format, list);
}
