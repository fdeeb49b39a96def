/* Floats of 80 bits as a compiler uses them: sums, roots, series, conversions, comparisons. */
#include "print.h"
typedef __float80 real;

static void put_real(real x) {
  union { real value; struct { u64 significand; u16 sign; } bits; } as = {x};
  put_hex(as.bits.sign, 4), put_char('.'), put_hex(as.bits.significand, 16);
}
static void line_real(const char *name, real x) {
  put(name), put_char(' '), put_real(x), put_char('\n');
}
static real with_sign(real x, int sign) {
  union { real value; struct { u64 significand; u16 sign; } bits; } as = {x};
  as.bits.sign = (as.bits.sign & 0x7fff) | sign << 15;
  return as.value;
}
static real root(real x) {
  __asm__("fsqrt" : "+t"(x));
  return x;
}
static __attribute__((noinline)) real power(real x, int n) {
  real result = 1;
  for (; n > 0; n >>= 1, x *= x) if (n & 1) result *= x;
  return result;
}
static __attribute__((noinline)) real sine(real x) {
  real term = x, sum = x;
  for (int n = 1; n < 30; n++) sum += term *= -x * x / (2 * n * (2 * n + 1));
  return sum;
}
static __attribute__((noinline)) real decimal(const char *text) {
  real value = 0, unit = 1;
  while (*text && *text != '.') value = value * 10 + (*text++ - '0');
  if (*text == '.') while (*++text) value += (*text - '0') * (unit /= 10);
  return value;
}
static __attribute__((noinline)) void conversions(real x) {
  line_real("x", x), line_double("double", (double)x), line_double("float", (float)x);
  if (x > -1e18W && x < 1e18W) line_signed("i64", (i64)x);
  if (x >= 0 && x < 1.8e19W) line_hex("u64", (u64)x);
  if (x > -2e9W && x < 2e9W) line_signed("i32", (i32)x), line_signed("i16", (i16)(i32)x);
  if (x >= 0 && x < 4e9W) line_hex("u32", (u32)x);
  line_signed("order", (x < 1) + 2 * (x <= 1) + 4 * (x > 1) + 8 * (x >= 1) + 16 * (x == 1) + 32 * (x != 1));
  line_signed("kind", __builtin_isnan(x) + 2 * __builtin_isinf_sign(x) + 8 * !!__builtin_signbit(x));
  line_real("absolute", with_sign(x, 0)), line_real("signed", with_sign(3, !!__builtin_signbit(x)));
  line_real("least", x < 0.5W ? x : 0.5W);
}
static __attribute__((noinline)) void matrix(void) {
  enum { N = 24 };
  static real a[N][N + 1];
  for (int i = 0; i < N; i++) for (int j = 0; j <= N; j++) a[i][j] = 1.0W / (i + j + 1) + (i == j);
  for (int k = 0; k < N; k++) {
    for (int i = 0; i < N; i++) {
      if (i == k) continue;
      real factor = a[i][k] / a[k][k];
      for (int j = k; j <= N; j++) a[i][j] -= factor * a[k][j];
    }
  }
  for (int i = 0; i < N; i++) line_real("solved", a[i][N] / a[i][i]);
}
int main(void) {
  static volatile real zero = 0;
  static const char *const texts[] = {"0", "1", "0.1", "3.14159265358979323846", "1000000000000000000000",
                                      "18446744073709551615", "9223372036854775807", "0.000000000000000000001"};
  for (u32 at = 0; at < sizeof texts / sizeof *texts; at++) conversions(decimal(texts[at])), conversions(-decimal(texts[at]));
  conversions(1 / zero), conversions(-1 / zero), conversions(zero / zero), conversions(power(10, 4931) / 3);
  conversions(power(2, -0) / power(2, 16000) / power(2, 400));
  for (int i = 1; i < 12; i++) {
    line_real("root", root(i)), line_real("sine", sine(i / 4.0W)), line_real("power", power(1 + 1.0W / i, i * 7));
  }
  real sum = 0, error = 0;
  for (int i = 1; i <= 20000; i++) {
    real term = 1.0W / ((real)i * i) - error, next = sum + term;
    error = (next - sum) - term, sum = next;
  }
  line_real("sum", sum), line_real("root of six times it", root(6 * sum));
  matrix();
  u64 hash = 0;
  for (int i = 0; i < 20000; i++) {
    real x = (i64)next_random(), y = (u64)next_random() >> (i & 63), z = (double)x / 3 + (float)y;
    union { real value; struct { u64 significand; u16 sign; } bits; } as = {x * y / (z + 1) - (i32)i};
    hash = (hash ^ as.bits.significand ^ as.bits.sign) * 0x100000001b3;
  }
  line_hex("hash", hash);
  flush();
  return 0;
}
