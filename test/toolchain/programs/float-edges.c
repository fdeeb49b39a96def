#include "print.h"
/* All pairs of numbers at the edges; a NaN is only told as one, as its bits are the compiler's. */
static volatile u64 inputs[] = {0, 1ull << 63, 1, 0x000fffffffffffff, 0x0010000000000000, 0x3ff0000000000000,
    0xbff0000000000000, 0x3fefffffffffffff, 0x4000000000000000, 0x4330000000000000, 0x7fefffffffffffff,
    0xffefffffffffffff, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0x3fd5555555555555};
static double load(int at) { union { u64 bits; double value; } as = {inputs[at]}; return as.value; }
static void show(double x) {
  union { double value; u64 bits; } as = {x};
  if (x != x) put("nan ");
  else put_hex(as.bits, 16), put_char(' ');
}
static void show_single(float x) {
  union { float value; u32 bits; } as = {x};
  if (x != x) put("nan ");
  else put_hex(as.bits, 8), put_char(' ');
}
int main(void) {
  for (int i = 0; i < 16; i++) {
    for (int j = 0; j < 16; j++) {
      double a = load(i), b = load(j);
      float c = a, d = b;
      show(a + b), show(a - b), show(a * b), show(a / b);
      show_single(c + d), show_single(c - d), show_single(c * d), show_single(c / d);
      put_signed((a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a != b) + 16 * (a > b) + 32 * (a >= b));
      put_char(' '), put_signed(!(c < d) + 2 * !(c <= d) + 4 * (c == d) + 8 * !(c > d) + 16 * !(c >= d));
      put_char(' '), show(a < b ? a : b), show(a > b ? a : b), put_char('\n');
    }
    double a = load(i);
    show(__builtin_fabs(a)), show(-a), show(__builtin_copysign(3, a));
    show_single((float)a), put_signed(__builtin_signbit(a) != 0), put_char('\n');
  }
  flush();
  return 0;
}
