#include "print.h"
enum { N = 256 };
struct complex { double re, im; };
static struct complex values[N], roots[N];
/* Sine and cosine by their series: there is no library. */
static struct complex turn(double angle) {
  double term = 1, re = 0, im = 0;
  for (int n = 0; n < 30; n++) {
    if (n % 2 == 0) re += n % 4 == 0 ? term : -term;
    else im += n % 4 == 1 ? term : -term;
    term *= angle / (n + 1);
  }
  return (struct complex){re, im};
}
static struct complex times(struct complex a, struct complex b) { return (struct complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
static struct complex plus(struct complex a, struct complex b) { return (struct complex){a.re + b.re, a.im + b.im}; }
static struct complex minus(struct complex a, struct complex b) { return (struct complex){a.re - b.re, a.im - b.im}; }
static void transform(struct complex *x, int inverse) {
  for (int at = 1, to = 0; at < N; at++) {
    for (int bit = N >> 1; (to ^= bit) < bit; bit >>= 1) {}
    if (at < to) { struct complex kept = x[at]; x[at] = x[to], x[to] = kept; }
  }
  for (int size = 2; size <= N; size *= 2)
    for (int start = 0; start < N; start += size)
      for (int k = 0; k < size / 2; k++) {
        struct complex root = roots[k * (N / size)];
        if (inverse) root.im = -root.im;
        struct complex a = x[start + k], b = times(x[start + k + size / 2], root);
        x[start + k] = plus(a, b), x[start + k + size / 2] = minus(a, b);
      }
}
int main(void) {
  for (int k = 0; k < N; k++) roots[k] = turn(-6.283185307179586 * k / N);
  for (int at = 0; at < N; at++) values[at] = (struct complex){at % 16 < 8 ? 1 : -1, (at * 7 % 13) / 13.0};
  transform(values, 0);
  for (int at = 0; at < N; at += 5) line_double("re", values[at].re), line_double("im", values[at].im);
  transform(values, 1);
  for (int at = 0; at < N; at += 9) line_double("back", values[at].re / N);
  flush();
  return 0;
}
