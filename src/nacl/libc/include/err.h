#ifndef _ERR_H
#define _ERR_H

#include <stdarg.h>

/* A message with the name of the program; err and warn add what errno says, err and errx end. */
void err(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
void errx(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void warnx(const char *format, ...) __attribute__((format(printf, 1, 2)));
void verr(int status, const char *format, va_list list) __attribute__((noreturn));
void verrx(int status, const char *format, va_list list) __attribute__((noreturn));
void vwarn(const char *format, va_list list);
void vwarnx(const char *format, va_list list);

#endif
