#include "print.h"
typedef __int128 i128;
typedef unsigned __int128 u128;
static void line_wide(const char *name, u128 n) {
  put(name), put_char(' '), put_hex(n >> 64, 16), put_hex(n, 16), put_char('\n');
}
int main(void) {
  for (int i = 0; i < 60; i++) {
    u64 a = next_random() >> next_random() % 64, b = next_random() >> next_random() % 64;
    u64 c = next_random() >> next_random() % 64, d = next_random() >> next_random() % 64;
    int by = next_random() & 127;
    u128 x = (u128)a << 64 | c, y = (u128)(i % 3 == 0 ? 0 : b) << 64 | d;
    i128 p = (i128)x * (i & 1 ? -1 : 1), q = (i128)y * (i & 2 ? -1 : 1);
    line_hex("mul", a * b), line_hex("hi", (u128)a * b >> 64);
    line_signed("smul", (i64)a * (i64)b), line_hex("shi", (u128)((i128)(i64)a * (i64)b) >> 64);
    if (b != 0) line_hex("div", a / b), line_hex("mod", a % b);
    if (b != 0 && (i64)b != -1) line_signed("sdiv", (i64)a / (i64)b), line_signed("smod", (i64)a % (i64)b);
    line_wide("add", x + y), line_wide("sub", x - y), line_wide("wmul", x * y);
    line_wide("shl", x << by), line_wide("shr", x >> by), line_wide("sar", p >> by);
    if (y != 0) line_wide("wdiv", x / y), line_wide("wmod", x % y);
    if (q != 0) line_wide("wsdiv", p / q), line_wide("wsmod", p % q);
    line_signed("cmp", (x < y) + 2 * (p < q) + 4 * (a < b) + 8 * ((i64)a < (i64)b));
    i64 over;
    line_signed("of", __builtin_add_overflow((i64)a, (i64)b, &over) + 2 * __builtin_mul_overflow((i64)a, (i64)b, &over));
    line_hex("over", over);
  }
  flush();
  return 0;
}
