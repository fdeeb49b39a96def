#include "print.h"
/* A small printf: flags, widths and lengths, all of its arguments by the list. */
static void pad(int count, char with) { while (count-- > 0) put_char(with); }
static void print(const char *format, ...) {
  __builtin_va_list list, again;
  __builtin_va_start(list, format);
  __builtin_va_copy(again, list);
  for (; *format; format++) {
    if (*format != '%') { put_char(*format); continue; }
    int left = 0, zero = 0, width = 0, longs = 0;
    while (*++format == '-' || *format == '0') *format == '-' ? (left = 1) : (zero = 1);
    if (*format == '*') width = __builtin_va_arg(list, int), format++;
    for (; *format >= '0' && *format <= '9'; format++) width = width * 10 + *format - '0';
    while (*format == 'l') longs++, format++;
    char digits[40];
    int count = 0;
    switch (*format) {
      case 'c': digits[count++] = __builtin_va_arg(list, int); break;
      case 's': {
        const char *text = __builtin_va_arg(list, const char *), *end = text;
        while (*end) end++;
        if (!left) pad(width - (end - text), ' ');
        put(text), pad(left ? width - (end - text) : 0, ' ');
        continue;
      }
      case 'd': case 'u': case 'x': {
        u64 value = longs > 0 ? __builtin_va_arg(list, u64) : *format == 'd' ? (u64)(i64)__builtin_va_arg(list, i32) : __builtin_va_arg(list, u32);
        int negative = *format == 'd' && (i64)value < 0, base = *format == 'x' ? 16 : 10;
        if (negative) value = -value;
        do digits[count++] = "0123456789abcdef"[value % base]; while ((value /= base) != 0);
        while (zero && count + negative < width && count < 38) digits[count++] = '0';
        if (negative) digits[count++] = '-';
        break;
      }
      case 'f': put_double(__builtin_va_arg(list, double)); continue;
      default: put_char(*format); continue;
    }
    if (!left) pad(width - count, ' ');
    for (int at = count; at > 0;) put_char(digits[--at]);
    if (left) pad(width - count, ' ');
  }
  put_unsigned(__builtin_va_arg(again, u32));
  put_char('\n');
  __builtin_va_end(list), __builtin_va_end(again);
}
int main(void) {
  print("%d %5d %-5d| %05d %x", 1, -2, 3, -44, 0xbeef);
  print("%u %lu %ld %lx", 4000000000u, 1ull << 63, -1ll << 62, ~0ull);
  print("%c%c%c [%8s] [%-8s] [%s]", 1, 'b', 'c', "right", "left", "");
  print("%d %f %d %f %d %f %d %f %d %f", 5, 0.5, 6, -1.25, 7, 1e10, 8, 2.0 / 3, 9, -0.0);
  print("%d %f %f %f %f %f %f %f %f %f %f %d", 0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11);
  print("%*d %-*d %%", 7, 42, 4, 3);
  flush();
  return 0;
}
