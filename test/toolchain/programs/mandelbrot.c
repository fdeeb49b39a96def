#include "print.h"
enum { SHIFT = 24, STEPS = 60 };
static int steps_fixed(i64 cx, i64 cy) {
  i64 x = 0, y = 0;
  for (int n = 0; n < STEPS; n++) {
    i64 xx = x * x >> SHIFT, yy = y * y >> SHIFT;
    if (xx + yy > 4ll << SHIFT) return n;
    y = (x * y >> (SHIFT - 1)) + cy, x = xx - yy + cx;
  }
  return STEPS;
}
static int steps_double(double cx, double cy) {
  double x = 0, y = 0;
  for (int n = 0; n < STEPS; n++) {
    double xx = x * x, yy = y * y;
    if (xx + yy > 4) return n;
    y = 2 * x * y + cy, x = xx - yy + cx;
  }
  return STEPS;
}
static int steps_float(float cx, float cy) {
  float x = 0, y = 0;
  for (int n = 0; n < STEPS; n++) {
    float xx = x * x, yy = y * y;
    if (xx + yy > 4) return n;
    y = 2 * x * y + cy, x = xx - yy + cx;
  }
  return STEPS;
}
int main(void) {
  i64 sums[3] = {0, 0, 0};
  for (int row = 0; row < 24; row++) {
    for (int column = 0; column < 64; column++) {
      double cx = column / 24.0 - 2, cy = row / 12.0 - 1;
      int one = steps_fixed((i64)(cx * (1 << SHIFT)), (i64)(cy * (1 << SHIFT)));
      int other = steps_double(cx, cy), last = steps_float(cx, cy);
      sums[0] += one, sums[1] += other, sums[2] += last;
      put_char(" .:-=+*#%@"[other * 9 / STEPS]);
    }
    put_char('\n');
  }
  for (int kind = 0; kind < 3; kind++) line_signed("sum", sums[kind]);
  flush();
  return 0;
}
