/* What gcc calls unasked for products and quotients of complex numbers: the sums of products, and
   what Annex G of the C standard wants where those are no numbers though an operand is infinite.
   A float has its double's result, rounded. */
#include "powers.h"

#define INFINITE __builtin_inf()
#define COMPLEX(re, im) __builtin_complex((double)(re), (double)(im))

static int is_nan(double x) { return x != x; }
static int is_infinite(double x) { return __builtin_fabs(x) == INFINITE; }
static int is_finite(double x) { return __builtin_fabs(x) < INFINITE; }
static double sign_of(double magnitude, double x) { return __builtin_copysign(magnitude, x); }
/* One or zero for what is infinite or not, zero for what is no number, each with its sign. */
static double boxed(double x) { return sign_of(is_infinite(x) ? 1 : 0, x); }
static double known(double x) { return is_nan(x) ? sign_of(0, x) : x; }

double _Complex __muldc3(double a, double b, double c, double d) {
  double ac = a * c, bd = b * d, ad = a * d, bc = b * c;
  double x = ac - bd, y = ad + bc;
  if (!is_nan(x) || !is_nan(y)) return COMPLEX(x, y);
  int again = 0;
  if (is_infinite(a) || is_infinite(b)) {
    a = boxed(a), b = boxed(b), c = known(c), d = known(d), again = 1;
  }
  if (is_infinite(c) || is_infinite(d)) {
    c = boxed(c), d = boxed(d), a = known(a), b = known(b), again = 1;
  }
  if (!again && (is_infinite(ac) || is_infinite(bd) || is_infinite(ad) || is_infinite(bc))) {
    a = known(a), b = known(b), c = known(c), d = known(d), again = 1;
  }
  return again ? COMPLEX(INFINITE * (a * c - b * d), INFINITE * (a * d + b * c)) : COMPLEX(x, y);
}

typedef unsigned long long u64;

static double scaled(double x, int exponent) {
  int half = exponent / 2;
  return x * power_of_two(half) * power_of_two(exponent - half);
}

/* The power of two that is in a number, zero for those without one. */
static int exponent_of(double x) {
  union { double value; u64 bits; } parts = {.value = __builtin_fabs(x)};
  if (parts.value == 0 || !is_finite(parts.value)) return 0;
  if (parts.bits >> 52 != 0) return (int)(parts.bits >> 52) - 1023;
  parts.value *= power_of_two(64);
  return (int)(parts.bits >> 52) - 1023 - 64;
}

double _Complex __divdc3(double a, double b, double c, double d) {
  double largest = __builtin_fabs(c) > __builtin_fabs(d) || is_nan(d) ? c : d;
  int exponent = is_finite(c) && is_finite(d) ? exponent_of(largest) : 0;
  double re = scaled(c, -exponent), im = scaled(d, -exponent);
  double size = re * re + im * im;
  double x = scaled((a * re + b * im) / size, -exponent);
  double y = scaled((b * re - a * im) / size, -exponent);
  if (!is_nan(x) || !is_nan(y)) return COMPLEX(x, y);
  if (size == 0 && (!is_nan(a) || !is_nan(b))) {
    return COMPLEX(sign_of(INFINITE, c) * a, sign_of(INFINITE, c) * b);
  }
  if ((is_infinite(a) || is_infinite(b)) && is_finite(c) && is_finite(d)) {
    a = boxed(a), b = boxed(b);
    return COMPLEX(INFINITE * (a * c + b * d), INFINITE * (b * c - a * d));
  }
  if ((is_infinite(c) || is_infinite(d)) && is_finite(a) && is_finite(b)) {
    c = boxed(c), d = boxed(d);
    return COMPLEX(0 * (a * c + b * d), 0 * (b * c - a * d));
  }
  return COMPLEX(x, y);
}

static float _Complex narrowed(double _Complex z) {
  return __builtin_complex((float)__real__ z, (float)__imag__ z);
}

float _Complex __mulsc3(float a, float b, float c, float d) {
  return narrowed(__muldc3(a, b, c, d));
}

float _Complex __divsc3(float a, float b, float c, float d) {
  return narrowed(__divdc3(a, b, c, d));
}
