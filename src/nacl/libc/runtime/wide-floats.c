/* What gcc calls unasked between floats and numbers of 128 bits. */
#include "powers.h"

typedef unsigned long long u64;
typedef __int128 i128;
typedef unsigned __int128 u128;

static u128 absolute(i128 n) { return n < 0 ? -(u128)n : (u128)n; }

/* The highest 64 bits; the last of them stands for all that was cut off, so that one rounding of
   it is the rounding of the whole. */
static u64 leading(u128 n, int *shift) {
  u64 high = n >> 64;
  *shift = high == 0 ? 0 : 64 - __builtin_clzll(high);
  u64 rest = *shift == 0 ? 0 : (u64)((n & (((u128)1 << *shift) - 1)) != 0);
  return (u64)(n >> *shift) | rest;
}

double __floatuntidf(u128 n) {
  int shift;
  u64 top = leading(n, &shift);
  return (double)top * power_of_two(shift);
}

float __floatuntisf(u128 n) {
  int shift;
  u64 top = leading(n, &shift);
  return (float)((double)(float)top * power_of_two(shift));
}

double __floattidf(i128 n) {
  double value = __floatuntidf(absolute(n));
  return n < 0 ? -value : value;
}

float __floattisf(i128 n) {
  float value = __floatuntisf(absolute(n));
  return n < 0 ? -value : value;
}

/* The whole part of a number that is not negative. */
static u128 whole(double value) {
  union { double value; u64 bits; } parts = {.value = value};
  int exponent = (int)(parts.bits >> 52 & 0x7ff) - 1023;
  u64 digits = (parts.bits & 0xfffffffffffff) | (u64)1 << 52;
  if (exponent < 0) return 0;
  if (exponent > 127) return ~(u128)0;
  return exponent < 52 ? digits >> (52 - exponent) : (u128)digits << (exponent - 52);
}

u128 __fixunsdfti(double value) { return value < 1 ? 0 : whole(value); }

u128 __fixunssfti(float value) { return __fixunsdfti(value); }

i128 __fixdfti(double value) { return value < 0 ? -(i128)whole(-value) : (i128)whole(value); }

i128 __fixsfti(float value) { return __fixdfti(value); }
