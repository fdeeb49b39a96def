#include "print.h"
static u64 reversed(u64 x) {
  for (int by = 1; by < 64; by *= 2) {
    u64 mask = ~0ull / ((1ull << by) + 1);
    x = (x >> by & mask) | (x & mask) << by;
  }
  return x;
}
static u64 spread(u32 x) {
  u64 y = x;
  y = (y | y << 16) & 0x0000ffff0000ffff, y = (y | y << 8) & 0x00ff00ff00ff00ff, y = (y | y << 4) & 0x0f0f0f0f0f0f0f0f;
  y = (y | y << 2) & 0x3333333333333333;
  return (y | y << 1) & 0x5555555555555555;
}
static u32 root(u64 x) {
  u64 result = 0;
  for (u64 bit = 1ull << 31; bit != 0; bit >>= 1) if ((result | bit) * (result | bit) <= x) result |= bit;
  return result;
}
static u64 next_same_count(u64 x) { u64 low = x & -x, up = x + low; return up | ((x ^ up) / low) >> 2; }
static u32 gray(u32 x) { return x ^ x >> 1; }
static u32 ungray(u32 x) { for (int by = 16; by > 0; by /= 2) x ^= x >> by; return x; }
static u64 modular(u64 a, u64 b, u64 m) { return (unsigned __int128)a * b % m; }
static u64 power(u64 a, u64 n, u64 m) { u64 r = 1; for (; n; n >>= 1, a = modular(a, a, m)) if (n & 1) r = modular(r, a, m); return r; }
static int prime(u64 n) {
  static const u64 bases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
  if (n < 2) return 0;
  for (int k = 0; k < 12; k++) if (n % bases[k] == 0) return n == bases[k];
  int twos = __builtin_ctzll(n - 1);
  for (int k = 0; k < 12; k++) {
    u64 x = power(bases[k], (n - 1) >> twos, n);
    int steps = 0;
    while (x != 1 && x != n - 1 && steps < twos) x = modular(x, x, n), steps++;
    if (x != n - 1 && steps > 0) return 0;
  }
  return 1;
}
int main(void) {
  u64 same = 0x1f;
  for (int n = 0; n < 60; n++) {
    u64 shift = next_random() % 64, x = next_random() >> shift | 1;
    line_hex("reversed", reversed(x)), line_hex("spread", spread(x)), line_signed("root", root(x));
    line_hex("same", same = next_same_count(same)), line_hex("gray", gray(x)), line_signed("ungray", ungray(gray(x)) == (u32)x);
    line_hex("average", (x & shift) + ((x ^ shift) >> 1)), line_hex("up", 1ull << (63 - __builtin_clzll(x)));
    line_signed("prime", prime(x)), line_hex("inverse", power(x % 1000000007, 1000000005, 1000000007));
  }
  for (u64 n = 18446744073709551400ull; n != 0; n++) if (prime(n)) line_hex("prime", n);
  flush();
  return 0;
}
