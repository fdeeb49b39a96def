#include "print.h"
static void put_base(u32 n, u32 base) {
  if (n >= base) put_base(n / base, base);
  put_char("0123456789abcdefghijklmnopqrstuvwxyz"[n % base]);
}
int main(void) {
  static const i64 values[] = {0, 1, -1, 9, 10, 99, 100, 2147483647, -2147483648, 4294967295, 9223372036854775807,
                               -9223372036854775807 - 1};
  for (int i = 0; i < 12; i++) line_signed("n", values[i]), line_hex("n", values[i]);
  for (u32 base = 2; base <= 36; base++) put_base(3735928559, base), put_char('\n');
  for (int i = 0; i < 40; i++) {
    int n = (int)next_random();
    line_signed("/7", n / 7), line_signed("%7", n % 7), line_signed("/10", n / 10), line_signed("/-3", n / -3);
    line_signed("/16", n / 16), line_signed("%16", n % 16), line_signed("u/641", (u32)n / 641);
    line_signed("l/1e9", (i64)next_random() / 1000000000), line_signed("l%97", (i64)next_random() % 97);
  }
  flush();
  return printed_size;
}
