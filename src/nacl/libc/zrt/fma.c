/* A product and a sum that are rounded once, in the mode of MXCSR. newlib's own rounds twice. */
#include "powers.h"

typedef unsigned long long u64;
typedef unsigned __int128 u128;

#define FRACTION_BITS 52
#define HIDDEN (1ull << FRACTION_BITS)
/* Exponent of the last bit of the smallest numbers. */
#define LEAST (-1074)
/* Where the first bit of both terms is put: their sum fits, and so does its rounding. */
#define TOP 125

enum { DOWN = 1, UP = 2, CUT = 3 };

/* magnitude * 2^exponent, with its sign. */
struct term {
  u128 magnitude;
  int exponent;
  int negative;
};

static u64 bits_of(double x) {
  u64 bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

static int is_finite(double x) { return (bits_of(x) >> FRACTION_BITS & 0x7ff) != 0x7ff; }

static struct term term_of(double x) {
  u64 bits = bits_of(x), fraction = bits & (HIDDEN - 1);
  int exponent = bits >> FRACTION_BITS & 0x7ff;
  struct term normal = {fraction | HIDDEN, exponent + LEAST - 1, bits >> 63};
  struct term small = {fraction, LEAST, bits >> 63};
  return exponent == 0 ? small : normal;
}

/* The number of the first bit that is set; there is one. */
static int first_bit(u128 n) {
  u64 high = n >> 64;
  return high != 0 ? 127 - __builtin_clzll(high) : 63 - __builtin_clzll((u64)n);
}

static struct term normal(struct term it) {
  int shift = TOP - first_bit(it.magnitude);
  it.magnitude <<= shift;
  it.exponent -= shift;
  return it;
}

/* Shifted right; the last bit stands for all that was cut off. */
static u128 cut(u128 n, int shift) {
  if (shift > 127) return n != 0;
  return n >> shift | (u128)((n & (((u128)1 << shift) - 1)) != 0);
}

/* Terms whose exponents are far enough apart for a cut to lose bits do not cancel each other. */
static struct term sum(struct term a, struct term b) {
  struct term high = a.exponent >= b.exponent ? a : b, low = a.exponent >= b.exponent ? b : a;
  u128 cut_low = cut(low.magnitude, high.exponent - low.exponent);
  if (high.negative == low.negative) {
    high.magnitude += cut_low;
  } else if (high.magnitude >= cut_low) {
    high.magnitude -= cut_low;
  } else {
    high.magnitude = cut_low - high.magnitude;
    high.negative = low.negative;
  }
  return high;
}

static int larger(int a, int b) { return a > b ? a : b; }

static int goes_up(u128 kept, u128 rest, u128 half, int mode, int negative) {
  switch (mode) {
    case DOWN: return negative && rest != 0;
    case UP: return !negative && rest != 0;
    case CUT: return 0;
    default: return rest > half || (rest == half && rest != 0 && (kept & 1));
  }
}

static double rounded(struct term it, int mode) {
  if (it.magnitude == 0) return mode == DOWN ? -0.0 : 0.0;
  int shift = larger(first_bit(it.magnitude) - FRACTION_BITS, LEAST - it.exponent);
  shift = larger(shift, 0);
  /* What is far below the smallest number is as good as a quarter of it. */
  if (shift > TOP + 2) {
    it.magnitude = 1;
    shift = 2;
    it.exponent = LEAST - 2;
  }
  u128 kept = it.magnitude >> shift, rest = it.magnitude & (((u128)1 << shift) - 1);
  u128 half = shift == 0 ? 0 : (u128)1 << (shift - 1);
  kept += goes_up(kept, rest, half, mode, it.negative);
  int exponent = it.exponent + shift, first = exponent / 2;
  double magnitude = (double)(long long)(u64)kept;
  /* Exact, unless it is too great, which then is rounded in the mode as well. */
  return (it.negative ? -magnitude : magnitude) * power_of_two(first) *
         power_of_two(exponent - first);
}

double fma(double x, double y, double z) {
  if (!is_finite(x) || !is_finite(y) || x == 0 || y == 0) return x * y + z;
  if (!is_finite(z)) return z + z;
  if (z == 0) return x * y;
  struct term a = term_of(x), b = term_of(y);
  a.magnitude *= b.magnitude;
  a.exponent += b.exponent;
  a.negative ^= b.negative;
  int mode = __builtin_ia32_stmxcsr() >> 13 & 3;
  return rounded(sum(normal(a), normal(term_of(z))), mode);
}
