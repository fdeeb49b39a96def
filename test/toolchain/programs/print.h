/* Printing by hand, to the second channel: a nexe has no C library. */
#ifndef PRINT_H
#define PRINT_H
#include <zvm_nexe.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;

static char printed[4096];
static u32 printed_size;

static void flush(void) {
  zvm_write(1, printed, printed_size, 0);
  printed_size = 0;
}
static void put_char(char c) {
  if (printed_size == sizeof printed) flush();
  printed[printed_size++] = c;
}
static void put(const char *text) {
  while (*text != 0) put_char(*text++);
}
static void put_unsigned(u64 n) {
  char digits[20];
  int count = 0;
  do digits[count++] = '0' + n % 10;
  while ((n /= 10) != 0);
  while (count > 0) put_char(digits[--count]);
}
static void put_signed(i64 n) {
  if (n < 0) put_char('-');
  put_unsigned(n < 0 ? -(u64)n : (u64)n);
}
static void put_hex(u64 n, int digits) {
  while (digits-- > 0) put_char("0123456789abcdef"[n >> digits * 4 & 15]);
}
/* The very bits of a double, and six digits behind its point where it is small. */
static void put_double(double x) {
  union { double value; u64 bits; } as = {x};
  put_hex(as.bits, 16);
  if (x < 1e15 && x > -1e15) {
    u64 scaled = (u64)((x < 0 ? -x : x) * 1e6 + 0.5);
    put(x < 0 ? " -" : " ");
    put_unsigned(scaled / 1000000);
    put_char('.');
    for (u32 unit = 100000; unit > 0; unit /= 10) put_char('0' + scaled / unit % 10);
  }
}
static void line_signed(const char *name, i64 n) {
  put(name), put_char(' '), put_signed(n), put_char('\n');
}
static void line_hex(const char *name, u64 n) {
  put(name), put_char(' '), put_hex(n, 16), put_char('\n');
}
static void line_double(const char *name, double x) {
  put(name), put_char(' '), put_double(x), put_char('\n');
}
/* Numbers that look random and are the same in every run. */
static u64 random_state = 88172645463325252;
static u64 next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}
/* Every program uses some of these only. */
static const void *const used[] __attribute__((unused)) = {
    (void *)flush, (void *)put, (void *)put_signed, (void *)line_signed,
    (void *)line_hex, (void *)line_double, (void *)next_random};
#endif
