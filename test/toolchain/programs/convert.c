#include "print.h"
static __attribute__((noinline)) void show(double x) {
  line_double("x", x), line_double("f", (float)x);
  line_signed("i32", (i32)(x > 2e9 || x < -2e9 || x != x ? 0 : x));
  line_signed("i64", x > 9e18 || x < -9e18 || x != x ? 0 : (i64)x);
  line_hex("u64", x > 1.8e19 || x < 0 || x != x ? 0 : (u64)x);
  line_signed("u32", x > 4e9 || x < 0 || x != x ? 0 : (u32)x);
  line_signed("i16", x > 3e4 || x < -3e4 || x != x ? 0 : (i16)x);
  line_signed("order", (x < 1) + 2 * (x <= 1) + 4 * (x > 1) + 8 * (x >= 1) + 16 * (x == 1) + 32 * (x != 1));
}
int main(void) {
  static volatile double values[] = {0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, 1e9, 3e9, -3e9, 1e18, 1.7e19, 1e300, 5e-324,
                                     0.1, 1.0 / 3, 123456789.987654321};
  for (u32 i = 0; i < sizeof values / sizeof *values; i++) show(values[i]);
  show(1 / values[0]), show(-1 / values[0]), show(values[0] / values[0]);
  for (int i = 0; i < 60; i++) {
    u64 n = next_random() >> next_random() % 64;
    line_double("d", (double)n), line_double("d", (double)(i64)n), line_double("d", (double)(u32)n);
    line_double("f", (float)n), line_double("f", (float)(i64)n), line_double("f", (float)(i32)n);
    float a = (float)(i32)n, b = (float)(n >> 7 & 0xffff) / 3;
    line_double("ops", a + b), line_double("ops", a - b), line_double("ops", a * b), line_double("ops", a / (b + 1));
    double x = (double)(i64)n, y = (double)b * 7;
    line_double("ops", x + y), line_double("ops", x - y), line_double("ops", x * y), line_double("ops", x / (y + 1));
    line_double("min", x < y ? x : y), line_double("max", x > y ? x : y), line_double("abs", __builtin_fabs(x - y));
    line_double("sign", __builtin_copysign(y, x));
  }
  flush();
  return 0;
}
