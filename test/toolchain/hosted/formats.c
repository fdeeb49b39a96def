/* Numbers as text, and text as numbers. */
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double VALUES[] = {
  0.0, -0.0, 1.0, -1.5, 0.1, 1e21, 1e22, 123456789.125, 5e-324, DBL_MIN, DBL_MAX, DBL_EPSILON,
  3.141592653589793, 2.5, 3.5, 1e100, 0.3, 99999.95, 1.0 / 3, HUGE_VAL, -HUGE_VAL,
};

static void formats(double value) {
  printf("%f %e %g %G\n", value, value, value, value);
  printf("%.0f %.1f %.3f %.17g %.20e\n", value, value, value, value, value);
  printf("|%12.4f|%-12.3e|%+g|% g|%012.2f|%#.0f|\n", value, value, value, value, value, value);
}

static void integers(void) {
  printf("%d %i %u %x %X %o %c %%\n", -42, INT_MIN, UINT_MAX, 255, 0xbeef, 8, 'z');
  printf("%lld %llu %llx\n", LLONG_MIN, ULLONG_MAX, 0x123456789abcdefULL);
  printf("%" PRId64 " %" PRIu64 " %zu %hhd %hd\n", INT64_MAX, UINT64_MAX, sizeof(int), (char)44, (short)4464);
  printf("|%8d|%-8d|%08d|%+d|% d|%.5d|%*d|%-*d|\n", 42, 42, 42, 42, 42, 42, 6, 42, 6, 42);
  printf("|%s|%10s|%-10s|%.2s|%.*s|\n", "text", "text", "text", "text", 3, "text");
  printf("%2$s %1$s\n", "second", "first");
}

static void reading(void) {
  static const char *const texts[] = {
    "0", "1", "-1.5", "0.1", "1e-7", "1.7976931348623157e308", "1e309", "4.9e-324", "2e-324",
    "0x1.8p3", "inf", "-INFINITY", "  12abc", "abc", ".5", "5.", "9007199254740993",
    "179769313486231570814527423731704356798070567525844996598917476803157260780028538760589558",
  };
  for (unsigned at = 0; at < sizeof texts / sizeof *texts; at++) {
    char *end;
    double value = strtod(texts[at], &end);
    printf("%.17g after %d\n", value, (int)(end - texts[at]));
  }
  printf("%ld %lu %lld %llu\n", strtol("-0x7f", NULL, 0), strtoul("777", NULL, 8),
         strtoll("-9223372036854775808", NULL, 10), strtoull("zz", NULL, 36));
  int a, b;
  float f;
  double d;
  char word[16];
  int count = sscanf("12 0x1f 2.5 1e10 some words", "%d %x %f %lf %15s", &a, &b, &f, &d, word);
  printf("%d: %d %d %g %g %s\n", count, a, b, f, d, word);
}

/* Functions whose results are exact, or the same to so many digits wherever they are computed. */
static void functions(void) {
  for (double x = -2.25; x < 3; x += 0.75) {
    printf("%g: %g %g %g %g %g %g\n", x, floor(x), ceil(x), round(x), trunc(x), rint(x), fabs(x));
    printf("%.12g %.12g %.12g %.12g\n", sin(x), cos(x), tan(x), atan(x));
    printf("%.12g %.12g %.12g %.12g\n", exp(x), sinh(x), cosh(x), tanh(x));
    printf("%.12g %.12g\n", atan2(x, 2), hypot(x, 1));
  }
  for (double x = 0.125; x < 100; x *= 3) {
    printf("%.17g %.12g %.12g %.12g\n", sqrt(x), log(x), log10(x), log2(x));
    printf("%.12g %.12g %.12g\n", pow(x, 1.5), pow(x, -2), cbrt(x));
  }
  int exponent;
  double whole;
  double part = frexp(48, &exponent);
  printf("%g %d\n", part, exponent);
  part = modf(-3.75, &whole);
  printf("%g %g\n", part, whole);
  printf("%g %g %g\n", ldexp(0.75, 4), fmod(7.5, 2), remainder(7.5, 2));
  printf("%d %d %d\n", isnan(NAN) != 0, isinf(HUGE_VAL) != 0, signbit(-0.0) != 0);
}

int main(void) {
  for (unsigned at = 0; at < sizeof VALUES / sizeof *VALUES; at++) formats(VALUES[at]);
  integers();
  reading();
  functions();
  return 0;
}
