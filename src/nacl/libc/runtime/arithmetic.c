/* What gcc calls unasked for numbers of 128 bits, and to count bits. */
typedef unsigned int u32;
typedef unsigned long long u64;
typedef __int128 i128;
typedef unsigned __int128 u128;

static u128 divide(u128 n, u128 d, u128 *rest) {
  u64 high = n >> 64, low = n;
  if (d >> 64 == 0) {
    u64 by = d, top = high / by, left = high % by, bottom;
    __asm__("divq %4" : "=a"(bottom), "=d"(left) : "a"(low), "d"(left), "r"(by));
    *rest = left;
    return (u128)top << 64 | bottom;
  }
  u128 quotient = 0, part = high;
  for (int bit = 63; bit >= 0; bit--) {
    part = part << 1 | (low >> bit & 1);
    quotient <<= 1;
    if (part >= d) part -= d, quotient |= 1;
  }
  *rest = part;
  return quotient;
}

static u128 absolute(i128 n) { return n < 0 ? -(u128)n : (u128)n; }

u128 __udivti3(u128 n, u128 d) { u128 rest; return divide(n, d, &rest); }

u128 __umodti3(u128 n, u128 d) { u128 rest; divide(n, d, &rest); return rest; }

i128 __divti3(i128 n, i128 d) {
  u128 rest, quotient = divide(absolute(n), absolute(d), &rest);
  return (n < 0) != (d < 0) ? -quotient : quotient;
}

i128 __modti3(i128 n, i128 d) {
  u128 rest;
  divide(absolute(n), absolute(d), &rest);
  return n < 0 ? -rest : rest;
}

i128 __divmodti4(i128 n, i128 d, i128 *rest) {
  *rest = __modti3(n, d);
  return __divti3(n, d);
}

u128 __udivmodti4(u128 n, u128 d, u128 *rest) { return divide(n, d, rest); }

int __popcountdi2(u64 n) {
  n -= n >> 1 & 0x5555555555555555;
  n = (n & 0x3333333333333333) + (n >> 2 & 0x3333333333333333);
  n = (n + (n >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return n * 0x0101010101010101 >> 56;
}

int __popcountsi2(u32 n) { return __popcountdi2(n); }
