/* fma: one rounding, also where terms cancel, and at both ends of the range. */
#include <math.h>
#include <stdio.h>
#include <string.h>

static unsigned long long state = 88172645463325252ull;

static unsigned long long next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static double number(unsigned long long bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static unsigned long long bits_of(double x) {
  unsigned long long bits;
  memcpy(&bits, &x, sizeof bits);
  return x == x ? bits : 0x7ff8000000000000ull;
}

/* Of any size, very small, or near 1 with some last bits clear. */
static double any(void) {
  unsigned long long bits = next();
  switch (next() % 4) {
    case 0: return number(bits);
    case 1: return number((bits & 0x800fffffffffffffull) | (next() % 60) << 52);
    default:
      bits &= 0x800fffffffffffffull & (~0ull << next() % 53);
      return number(bits | (963 + next() % 120) << 52);
  }
}

int main(void) {
  static const double EDGES[] = {0, -0.0, 1, -3, INFINITY, -INFINITY, 0x1p-1074, 0x1p1023, 1.1};
  const int count = sizeof EDGES / sizeof *EDGES;
  unsigned long long hash = 0;
  for (int i = 0; i < count * count * count; i++) {
    double x = EDGES[i % count], y = EDGES[i / count % count], z = EDGES[i / count / count];
    hash = hash * 31 + bits_of(fma(x, y, z));
  }
  printf("edges %016llx\n", hash);
  for (int i = 0; i < 200000; i++) {
    double x = any(), y = any(), z = any();
    if (i % 2) z = number(bits_of(-(x * y)) + next() % 5 - 2);
    hash = hash * 31 + bits_of(fma(x, y, z));
  }
  printf("any %016llx\n", hash);
  double t = 1.1 * 1.1;
  printf("%016llx\n", bits_of(fma(1.1, 1.1, -t)));
  printf("%016llx\n", bits_of(fma(0x1p-1074, 0.5, 0x1p-1074)));
  return 0;
}
